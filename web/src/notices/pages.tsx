// Notices: one's list, and what one wants to be told (unfinished in S3 2.2.3 and 2.2.32).
import { BellOutlined, NotificationOutlined } from '@ant-design/icons';
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/notices', title: 'notices:title', component: lazy(() => import('./Notices')), menu: { section: 'events', order: 30, icon: <BellOutlined /> } },
  { path: '/settings/notices', title: 'notices:choice.menu', component: lazy(() => import('./Choice')), menu: { section: 'settings', order: 10, icon: <NotificationOutlined /> } },
];
