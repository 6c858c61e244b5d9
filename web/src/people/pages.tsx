// Pages of the administrator about people (S3 2.2.26–2.2.28).
import { BankOutlined, SafetyOutlined, TeamOutlined } from '@ant-design/icons';
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/admin/projects', title: 'people:projects.menu', permission: 'Read.Projects', component: lazy(() => import('./Projects')), menu: { section: 'admin', order: 10, icon: <BankOutlined /> } },
  { path: '/admin/projects/:id', title: 'people:project.title', permission: 'Read.Projects', component: lazy(() => import('./Project')), parent: '/admin/projects' },
  { path: '/admin/users', title: 'people:users.menu', permission: 'Read.Users', component: lazy(() => import('./Users')), menu: { section: 'admin', order: 20, icon: <TeamOutlined /> } },
  { path: '/admin/roles', title: 'people:roles.title', permission: 'Read.Roles', component: lazy(() => import('./Roles')), menu: { section: 'admin', order: 30, icon: <SafetyOutlined /> } },
];
