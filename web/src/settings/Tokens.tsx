// API tokens: made, shown once, deleted.
import { PlusOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, InputNumber, Modal, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Row } from '../api/client';
import { timeText } from '../app/format';
import { useDestructive } from '../parts/acts';
import { FormDialog } from '../parts/forms';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';

type Token = Row<'/api/v1/tokens'>;

export function Tokens() {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const destroy = useDestructive();
  const tokens = useQuery({ queryKey: ['/tokens'], queryFn: () => api.get<{ items: Token[] }>('/tokens') });
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<string>();
  const refresh = () => client.invalidateQueries({ queryKey: ['/tokens'] });
  const make = async (words: { title: string; days: number }) => {
    const answer = await api.post<{ token: string }>('/tokens', words);
    await refresh();
    setMade(answer.token);
  };
  const remove = (chosen: Token[]) => destroy({
    title: t('tokens.removeTitle', { count: chosen.length }), content: t('tokens.removeHint'), okText: t('app:delete'), done: t('tokens.removed'),
    act: async () => { try { for (const token of chosen) await api.delete(`/tokens/${token.id}`); } finally { await refresh(); } },
  });
  const columns: Column<Token>[] = [
    { key: 'title', title: t('tokens.name'), sortable: true },
    { key: 'created', title: t('tokens.created'), sortable: true, render: (token) => timeText(token.created) },
    { key: 'seen', title: t('tokens.seen'), sortable: true, render: (token) => (token.seen === token.created ? t('tokens.never') : timeText(token.seen)) },
    { key: 'address', title: t('sessions.address') },
    { key: 'expires', title: t('tokens.expires'), sortable: true, render: (token) => timeText(token.expires) },
  ];
  return (
    <>
      <Typography.Paragraph type="secondary">{t('tokens.hint')} <Link className="in-text" to="/about/api">{t('tokens.description')}</Link></Typography.Paragraph>
      <DataTable<Token> name="tokens" columns={columns} rows={tokens.data?.items ?? []} loading={tokens.isFetching} selectable empty={<Typography.Text type="secondary">{t('tokens.none')}</Typography.Text>}
        actions={({ rows, clear }) => (
          <>
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t('tokens.make')}</Button>
            {rows.length > 0 && <Button danger onClick={() => { remove(rows); clear(); }}>{t('app:delete')}</Button>}
          </>
        )}
        menu={(rows) => [{ key: 'delete', label: t('app:delete'), danger: true, onClick: () => remove(rows) }]} />
      <FormDialog open={making} title={t('tokens.make')} onClose={() => setMaking(false)} save={make} initialValues={{ title: '', days: 365 }} saveText={t('tokens.makeIt')}>
        <Form.Item name="title" label={t('tokens.name')} extra={t('tokens.nameHint')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={100} autoFocus /></Form.Item>
        <Form.Item name="days" label={t('tokens.days')} rules={[{ required: true, message: t('app:required') }]}><InputNumber min={1} max={3660} precision={0} /></Form.Item>
      </FormDialog>
      <Modal open={!!made} title={t('tokens.made')} onCancel={() => setMade(undefined)} mask={{ closable: false }} footer={<Button type="primary" onClick={() => setMade(undefined)}>{t('tokens.kept')}</Button>}>
        <Alert type="warning" showIcon title={t('tokens.once')} style={{ marginBottom: 12 }} />
        <Typography.Text copyable className="mono" data-testid="token" style={{ wordBreak: 'break-all' }}>{made}</Typography.Text>
      </Modal>
    </>
  );
}
