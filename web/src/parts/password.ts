// The rules of passwords (S3 2.2.27), told while one types; the server decides.
import type { Rule } from 'antd/es/form';
import type { TFunction } from 'i18next';

export function passwordRules(t: TFunction): Rule[] {
  return [
    { required: true, message: t('app:required') },
    { pattern: /^[a-zA-Zа-яА-ЯёЁ0-9_+\-\\!*@()]{6,32}$/u, message: t('app:passwordRules') },
  ];
}
