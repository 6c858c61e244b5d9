// The frame of the app: side menu, top bar, the page within (S3 2.2.3).
import {
  ApiOutlined, BankOutlined, BulbOutlined, CloudUploadOutlined, ControlOutlined, DashboardOutlined, DesktopOutlined, HomeOutlined, InfoCircleOutlined, LogoutOutlined,
  MenuFoldOutlined, MenuOutlined, MenuUnfoldOutlined, ScheduleOutlined, SettingOutlined, UnorderedListOutlined, UserOutlined,
} from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Badge, Button, Dropdown, Grid, Layout, Menu, Tooltip, type MenuProps } from 'antd';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, matchPath, Outlet, useLocation, useNavigate } from 'react-router';
import { api } from '../api/client';
import { useNewsOpen } from '../api/news';
import { becomes, useMayOpen, useMe, useSetting, type Me } from '../api/session';
import { changeLanguage, currentLanguage } from './i18n';
import { sections, type Section } from './menu';
import { pages, type Page } from './pages';
import { setTheme, useDark } from './theme';
import { topBarItems } from './topbar';
import type { Language } from './words';

const PhoneMenu = lazy(() => import('./PhoneMenu'));
const BoxBar = lazy(() => import('../box/BoxBar'));

const icons: Record<Section, ReactNode> = {
  home: <HomeOutlined />, box: <DesktopOutlined />, devices: <UnorderedListOutlined />, host: <DesktopOutlined />, collection: <ScheduleOutlined />,
  upward: <CloudUploadOutlined />, readings: <DashboardOutlined />,
  events: <ApiOutlined />, admin: <ControlOutlined />, settings: <SettingOutlined />, about: <InfoCircleOutlined />,
};

function useMenuItems(): Required<MenuProps>['items'] {
  const may = useMayOpen();
  const { t } = useTranslation();
  const item = (page: Page) => ({ key: page.path, icon: page.menu?.icon, label: <Link to={page.path}>{t(page.title)}</Link> });
  return sections.flatMap((section): Required<MenuProps>['items'] => {
    const inside = pages.filter((page) => page.menu?.section === section && may(page)).sort((a, b) => a.menu!.order - b.menu!.order);
    if (inside.length === 0) return [];
    if (inside.length === 1 && (section === 'home' || section === 'about' || section === 'host'))
      return [{ ...item(inside[0]), icon: icons[section] }];
    return [{ key: section, icon: icons[section], label: t(`menu.${section}`), children: inside.map(item) }];
  });
}

/** The menu's row of the page that is open: its own or the one above it. */
function useOpenPage(): Page | undefined {
  const { pathname } = useLocation();
  const open = pages.find((page) => matchPath(page.path, pathname));
  return open && !open.menu && open.parent ? pages.find((page) => page.path === open.parent) : open;
}

function SideMenu({ collapsed, onClick }: { collapsed?: boolean; onClick?: () => void }) {
  const open = useOpenPage();
  const items = useMenuItems();
  return (
    <nav aria-label="menu">
      <Menu mode="inline" inlineIndent={16} inlineCollapsed={collapsed} items={items} selectedKeys={open ? [open.path] : []} onClick={onClick}
        defaultOpenKeys={collapsed ? [] : ['devices', 'collection', ...(open?.menu ? [open.menu.section] : [])]} style={{ borderInlineEnd: 0 }} />
    </nav>
  );
}

/** Another project is another world: nothing of the former one stays on the screen. */
function ProjectChoice({ me }: { me: Me }) {
  const client = useQueryClient();
  const { t } = useTranslation();
  if (me.projects.length < 2) return null;
  const choose = async (project: number) => {
    const next = await api.patch<Me>('/session', { project });
    becomes(client, next);
  };
  const title = me.projects.find((p) => p.id === me.project)?.title ?? t('project');
  return (
    <Dropdown trigger={['click']} menu={{
      selectedKeys: [String(me.project)], style: { maxHeight: 400, overflow: 'auto' },
      items: me.projects.map((p) => ({ key: String(p.id), label: p.title, onClick: () => void choose(p.id) })),
    }}>
      <Button icon={<BankOutlined />} aria-label={`${t('project')}: ${title}`} data-testid="project" style={{ maxWidth: 220, overflow: 'hidden' }}>{title}</Button>
    </Dropdown>
  );
}

function LanguageSwitch() {
  const { t } = useTranslation();
  const next: Language = currentLanguage() === 'ru' ? 'en' : 'ru';
  const client = useQueryClient();
  const change = async () => {
    await changeLanguage(next);
    client.setQueryData(['session'], await api.patch<Me>('/session/profile', { language: next }));
    await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
  };
  return <Button type="text" onClick={change} aria-label={`${next.toUpperCase()}: ${t('language.change')}`} data-testid="language">{next.toUpperCase()}</Button>;
}

function UserMenu({ me }: { me: Me }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const leave = async () => {
    await api.delete('/session').catch(() => {});
    becomes(client, null);
  };
  return (
    <Dropdown trigger={['click']} menu={{ items: [
      { key: 'profile', icon: <UserOutlined />, label: t('profile'), onClick: () => navigate('/settings/profile') },
      { key: 'leave', icon: <LogoutOutlined />, label: t('signOut'), onClick: () => void leave() },
    ] }}>
      <Button type="text" icon={<UserOutlined />} aria-label={`${t('profile')}: ${me.name || me.login}`} data-testid="user"><span className="wide-only">{me.name || me.login}</span></Button>
    </Dropdown>
  );
}

function ThemeSwitch() {
  const { t } = useTranslation();
  const dark = useDark();
  return <Tooltip title={t('theme')}><Button type="text" icon={<BulbOutlined />} aria-label={t('theme')} data-testid="theme" onClick={() => setTheme(dark ? 'light' : 'dark')} /></Tooltip>;
}

export function Shell() {
  const { t } = useTranslation();
  const { data: me } = useMe();
  const wide = Grid.useBreakpoint().lg ?? true;
  const [collapsed, setCollapsed] = useSetting('menu.collapsed', false);
  const [drawer, setDrawer] = useState(false);
  const listening = useNewsOpen();
  if (!me) return null;
  return (
    <Layout style={{ minHeight: '100%' }}>
      <a className="skip" href="#page">{t('skip')}</a>
      <Layout.Header style={{ position: 'sticky', top: 0, zIndex: 20, display: 'flex', alignItems: 'center', gap: 4, borderBottom: '1px solid var(--svod-color-border-secondary)' }}>
        <Button type="text" icon={!wide ? <MenuOutlined /> : collapsed ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />} aria-label={t('menu.toggle')}
          onClick={() => (wide ? setCollapsed(!collapsed) : setDrawer(true))} />
        <Link to="/" style={{ display: 'flex', alignItems: 'center', gap: 8, fontWeight: 700, fontSize: 17, color: 'inherit', marginInlineEnd: 12 }}>
          <img src="/icon.svg" alt={t('menu.home')} width={24} height={24} /><span className="wide-only">{t('product')}</span>
        </Link>
        <ProjectChoice me={me} />
        <div style={{ flex: 1 }} />
        {!listening && <Badge status="warning" text={<span className="wide-only">{t('reconnecting')}</span>} />}
        {topBarItems.map((Item, i) => <Item key={i} />)}
        <ThemeSwitch />
        <LanguageSwitch />
        <UserMenu me={me} />
      </Layout.Header>
      <Layout hasSider>
        {wide && (
          <Layout.Sider width={232} collapsedWidth={52} collapsed={collapsed} theme="light"
            style={{ position: 'sticky', top: 48, height: 'calc(100vh - 48px)', overflow: 'auto', borderInlineEnd: '1px solid var(--svod-color-border-secondary)' }}>
            <SideMenu collapsed={collapsed} />
          </Layout.Sider>
        )}
        {!wide && <Suspense><PhoneMenu open={drawer} close={() => setDrawer(false)}><SideMenu onClick={() => setDrawer(false)} /></PhoneMenu></Suspense>}
        <Layout.Content id="page" role="main" tabIndex={-1} style={{ minWidth: 0, outline: 'none' }}>
          {me.face === 'gateway' && me.permissions.includes('Read.HesConfig') && <Suspense><BoxBar /></Suspense>}
          <Outlet />
        </Layout.Content>
      </Layout>
    </Layout>
  );
}
