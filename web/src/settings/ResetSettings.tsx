// «Сброс настроек» (S3 2.2.32): theme, filters, columns of tables as they were at first.
import { useQueryClient } from '@tanstack/react-query';
import { Button, Card, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { setTheme } from '../app/theme';
import { useDestructive } from '../parts/acts';

export function ResetSettings() {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const destroy = useDestructive();
  const kept = client.getQueryData<Record<string, unknown>>(['session', 'settings']) ?? {};
  const reset = () => destroy({
    title: t('reset.question'), content: t('reset.count', { count: Object.keys(kept).length }), okText: t('reset.button'), done: t('reset.done'),
    act: async () => {
      await api.delete('/session/settings');
      for (const key of Object.keys(sessionStorage)) if (key.startsWith('svod.draft.')) sessionStorage.removeItem(key);
      setTheme('system');
      client.setQueryData(['session', 'settings'], {});
    },
  });
  return (
    <Card size="small" title={t('reset.title')} style={{ maxWidth: 640 }}>
      <Typography.Paragraph>{t('reset.hint')}</Typography.Paragraph>
      <Button danger onClick={reset}>{t('reset.button')}</Button>
    </Card>
  );
}
