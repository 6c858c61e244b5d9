// The bell: how many notices are unread, the newest of them, live.
import { BellOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Badge, Button, Empty, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Answer } from '../api/client';
import { useNews } from '../api/news';
import { NoticeText, type Notice } from './NoticeText';

const SHOWN = 8;

function Newest({ close }: { close: () => void }) {
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

export function TopBarItem() {
  const { t } = useTranslation('notices');
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const unread = useQuery({ queryKey: ['/notices', 'unread'], queryFn: () => api.get<Answer<'/api/v1/notices/unread'>>('/notices/unread') });
  useNews<{ unread: number }>('notice', (news) => {
    client.setQueryData(['/notices', 'unread'], news);
    void client.invalidateQueries({ predicate: (query) => query.queryKey[0] === '/notices' && query.queryKey[1] !== 'unread' });
  });
  const count = unread.data?.unread ?? 0;
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomRight" title={t('title')} destroyOnHidden content={<Newest close={() => setOpen(false)} />}>
      <Badge count={count} size="small" overflowCount={99} offset={[-6, 6]} color="#cf1322">
        <Button type="text" icon={<BellOutlined />} aria-label={`${t('title')}: ${t('unread', { count })}`} data-testid="bell" />
      </Badge>
    </Popover>
  );
}
