// The newest notices, below the bell.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { NoticeText, type Notice } from './NoticeText';

const SHOWN = 8;

export default function Newest({ close }: { close: () => void }) {
  const { t } = useTranslation('notices');
  const client = useQueryClient();
  const newest = useQuery({ queryKey: ['/notices', 'newest'], queryFn: () => api.get<{ items: Notice[] }>('/notices', { page: 1, size: SHOWN }) });
  const readAll = async () => {
    await api.post('/notices/read').catch(() => {});
    await client.invalidateQueries({ queryKey: ['/notices'] });
  };
  return (
    <div style={{ width: 380, maxWidth: 'calc(100vw - 48px)' }} data-testid="notices">
      <div style={{ maxHeight: '60vh', overflowY: 'auto' }} tabIndex={0} role="region" aria-label={t('title')}>
        {newest.data?.items.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('none')} />}
        {newest.data?.items.map((notice) => <NoticeText key={notice.id} notice={notice} />)}
      </div>
      <div className="toolbar" style={{ marginTop: 8 }}>
        <Button size="small" onClick={() => void readAll()}>{t('readAll')}</Button>
        <span className="grow" />
        <Link to="/notices" onClick={close}>{t('all')}</Link>
      </div>
    </div>
  );
}
