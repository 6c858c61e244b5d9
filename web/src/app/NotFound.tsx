// An address that is no page.
import { useTranslation } from 'react-i18next';
import Refused from './Refused';

export default function NotFound() {
  const { t } = useTranslation();
  return <Refused title={t('notFound.title')} hint={t('notFound.hint')} />;
}
