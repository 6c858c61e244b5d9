// Instead of a page: why it is not shown, and the way home. Loaded when it is needed.
import { Button, Result } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

export default function Refused({ title, hint }: { title: string; hint: string }) {
  const { t } = useTranslation('app');
  return <Result status="warning" title={<h1 style={{ fontSize: 22 }}>{title}</h1>} subTitle={hint} extra={<Link to="/"><Button type="primary">{t('notFound.home')}</Button></Link>} />;
}
