// House-keeping: archives, mail, logs, events, the host (S3 2.2.16, 2.2.20, 2.2.29–2.2.31).
import { AuditOutlined, DatabaseOutlined, DesktopOutlined, FileTextOutlined, MailOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { lazy } from 'react';
import type { Page } from '../app/pages';

export const pages: Page[] = [
  { path: '/admin/archives', title: 'house:archives.title', permission: 'Read.Datastore.Archive', component: lazy(() => import('./Archives')), menu: { section: 'admin', order: 40, icon: <DatabaseOutlined /> } },
  { path: '/admin/mail', title: 'house:mail.title', permission: 'Read.Email.Settings', component: lazy(() => import('./Mail')), menu: { section: 'admin', order: 50, icon: <MailOutlined /> } },
  { path: '/admin/logs', title: 'house:logs.title', permission: 'Read.Logs.Debug', component: lazy(() => import('./Logs')), menu: { section: 'admin', order: 60, icon: <FileTextOutlined /> } },
  { path: '/events/general', title: 'house:events.general', permission: 'Read.Logs.Common', component: lazy(() => import('./GeneralEvents')), menu: { section: 'events', order: 10, icon: <AuditOutlined /> } },
  { path: '/events/security', title: 'house:events.security', permission: 'Read.Logs.Secure', component: lazy(() => import('./SecurityEvents')), menu: { section: 'events', order: 20, icon: <SafetyCertificateOutlined /> } },
  { path: '/host', title: 'house:host.title', permission: 'View.Page.ceHes', component: lazy(() => import('./Host')), menu: { section: 'host', order: 10, icon: <DesktopOutlined /> } },
];
