// The bell: how many notices are unread, the newest of them, live.
import { BellOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Badge, Button, Popover } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useNews } from '../api/news';

const Newest = lazy(() => import('./Newest'));

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
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomRight" title={t('title')} destroyOnHidden content={<Suspense><Newest close={() => setOpen(false)} /></Suspense>}>
      <Badge count={count} size="small" overflowCount={99} offset={[-6, 6]} color="#cf1322">
        <Button type="text" icon={<BellOutlined />} aria-label={`${t('title')}: ${t('unread', { count })}`} data-testid="bell" />
      </Badge>
    </Popover>
  );
}
