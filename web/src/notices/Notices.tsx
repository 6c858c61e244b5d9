// All of one's notices: filtered, marked as read, deleted.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Row } from '../api/client';
import { timeText } from '../app/format';
import { useAct, useDestructive } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { NoticeTitle, type Notice } from './NoticeText';

type Kind = Row<'/api/v1/notices/kinds'>;

export default function Notices() {
  const { t } = useTranslation('notices');
  const act = useAct();
  const destroy = useDestructive();
  const client = useQueryClient();
  const kinds = useQuery({ queryKey: ['/notices/kinds'], queryFn: () => api.get<{ items: Kind[] }>('/notices/kinds') });
  const refresh = () => client.invalidateQueries({ queryKey: ['/notices'] });
  const each = (rows: Notice[], what: (notice: Notice) => Promise<unknown>) => act(async () => { for (const notice of rows) await what(notice); await refresh(); });
  const read = (rows: Notice[]) => each(rows.filter((notice) => !notice.read), (notice) => api.post(`/notices/${notice.id}/read`));
  const remove = (rows: Notice[]) => each(rows, (notice) => api.delete(`/notices/${notice.id}`));
  const removeAll = async () => {
    const { total } = await api.get<{ total: number }>('/notices', { page: 1, size: 1 });
    destroy({ title: t('deleteAllTitle', { count: total }), okText: t('app:delete'), act: async () => { await api.delete('/notices'); await refresh(); } });
  };
  const columns: Column<Notice>[] = [
    { key: 'kind', title: t('kind'), render: (notice) => <NoticeTitle notice={notice} />, filter: kinds.data?.items.map((kind) => ({ value: kind.name, label: kind.title })) },
    { key: 'time', title: t('time'), render: (notice) => timeText(notice.time) },
    { key: 'text', title: t('text'), render: (notice) => <span style={{ whiteSpace: 'normal' }}>{notice.text}</span> },
    { key: 'unread', title: t('state'), text: (notice) => t(notice.read ? 'isRead' : 'isUnread'), filter: [{ value: 'true', label: t('isUnread') }] },
  ];
  return (
    <PageFrame title={t('title')}>
      <DataTable<Notice> name="notices" path="/notices" columns={columns} selectable searchable={false} onOpen={(notice) => void read([notice])}
        empty={<Typography.Text type="secondary">{t('empty')} <Link className="in-text" to="/settings/notices">{t('choice.title')}</Link></Typography.Text>}
        actions={({ rows, clear }) => (
          <>
            <Button onClick={() => void act(async () => { await api.post('/notices/read'); await refresh(); })}>{t('readAll')}</Button>
            {rows.length > 0 && <Button onClick={() => { void read(rows); clear(); }}>{t('read')}</Button>}
            {rows.length > 0 && <Button danger onClick={() => { void remove(rows); clear(); }}>{t('app:delete')}</Button>}
            <Button danger type="text" onClick={() => void removeAll()}>{t('deleteAll')}</Button>
          </>
        )}
        menu={(rows) => [
          { key: 'read', label: t('read'), disabled: rows.every((notice) => notice.read), onClick: () => void read(rows) },
          { key: 'delete', label: t('app:delete'), danger: true, onClick: () => void remove(rows) },
        ]} />
    </PageFrame>
  );
}
