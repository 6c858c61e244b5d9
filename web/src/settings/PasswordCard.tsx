// Another password: its rules are ticked off while one types (S3 2.2.27).
import { CheckCircleOutlined, MinusCircleOutlined } from '@ant-design/icons';
import { Card, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { App } from 'antd';
import { api, ApiError } from '../api/client';
import { SaveForm } from '../parts/forms';
import { useStateColors } from '../parts/state';

interface Words {
  former: string;
  password: string;
  again: string;
}

const rules: [string, (word: string, former: string) => boolean][] = [
  ['length', (word) => [...word].length >= 6 && [...word].length <= 32],
  ['letters', (word) => word !== '' && /^[a-zA-Zа-яА-ЯёЁ0-9_+\-\\!*@()]*$/u.test(word)],
  ['other', (word, former) => word !== '' && word !== former],
];

function Rules({ password, former }: { password: string; former: string }) {
  const { t } = useTranslation('settings');
  const colors = useStateColors();
  return (
    <ul style={{ listStyle: 'none', padding: 0, margin: '0 0 14px' }} aria-label={t('password.rules')} data-testid="password-rules">
      {rules.map(([name, holds]) => {
        const good = holds(password, former);
        return <li key={name} data-holds={good} style={{ color: good ? colors.ok : colors.never }}>{good ? <CheckCircleOutlined /> : <MinusCircleOutlined />} {t(`password.rule.${name}`)}</li>;
      })}
    </ul>
  );
}

export function PasswordCard() {
  const { t } = useTranslation('settings');
  const { message } = App.useApp();
  const [form] = Form.useForm<Words>();
  const password = Form.useWatch('password', form) ?? '', former = Form.useWatch('former', form) ?? '';
  const save = async (words: Words) => {
    try {
      await api.post('/session/password', { former: words.former, password: words.password });
    } catch (e) {
      if (e instanceof ApiError && e.code === 'wrong') throw new ApiError(401, 'wrong', e.message, [{ field: 'former', message: t('password.formerWrong') }]);
      throw e;
    }
    form.resetFields();
    void message.success(t('password.changed'));
  };
  return (
    <Card size="small" title={t('password.title')}>
      <SaveForm<Words> form={form} name="password-change" save={save} secrets={['former', 'password', 'again']} saveText={t('password.change')} initialValues={{ former: '', password: '', again: '' }}>
        <Form.Item name="former" label={t('password.former')} rules={[{ required: true, message: t('app:required') }]}><Input.Password autoComplete="current-password" maxLength={64} /></Form.Item>
        <Form.Item name="password" label={t('password.new')} rules={[{ required: true, message: t('app:required') }, { validator: (_, word) => (rules.every(([, holds]) => holds(word ?? '', former)) ? Promise.resolve() : Promise.reject(new Error(t('app:passwordRules')))) }]}>
          <Input.Password autoComplete="new-password" maxLength={64} />
        </Form.Item>
        <Rules password={password} former={former} />
        <Form.Item name="again" label={t('password.again')} dependencies={['password']} rules={[({ getFieldValue }) => ({ validator: (_, word) => (word === getFieldValue('password') ? Promise.resolve() : Promise.reject(new Error(t('password.differ')))) })]}>
          <Input.Password autoComplete="new-password" maxLength={64} />
        </Form.Item>
      </SaveForm>
    </Card>
  );
}
