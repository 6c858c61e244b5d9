// About the program, and the description of its API (S3 2.2.33).
import { ApiOutlined, InfoCircleOutlined } from '@ant-design/icons';
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/about', title: 'about:title', component: lazy(() => import('./About')), menu: { section: 'about', order: 10, icon: <InfoCircleOutlined /> } },
  { path: '/about/api', title: 'about:api.title', component: lazy(() => import('./Api')), menu: { section: 'about', order: 20, icon: <ApiOutlined /> } },
];
