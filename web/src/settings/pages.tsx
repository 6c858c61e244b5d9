// One's own: the look of the app, the profile (S3 2.2.32).
import { SkinOutlined, UserOutlined } from '@ant-design/icons';
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/settings/app', title: 'settings:app.menu', component: lazy(() => import('./AppSettings')), menu: { section: 'settings', order: 20, icon: <SkinOutlined /> } },
  { path: '/settings/profile', title: 'settings:profile.title', component: lazy(() => import('./Profile')), menu: { section: 'settings', order: 30, icon: <UserOutlined /> } },
];
