// The page of one's choice of notices.
import { Card, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { PageFrame } from '../parts/page';
import { ChoiceForm } from './ChoiceForm';

export default function Choice() {
  const { t } = useTranslation('notices');
  return (
    <PageFrame title={t('choice.title')}>
      <Typography.Text type="secondary">{t('choice.hint')}</Typography.Text>
      <Card size="small"><ChoiceForm /></Card>
    </PageFrame>
  );
}
