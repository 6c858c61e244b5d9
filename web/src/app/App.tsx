// What surrounds every page: theme, words, the cache of answers, who is signed in.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { App as Messages, ConfigProvider, Spin } from 'antd';
import { lazy, Suspense, use, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { ApiError, onSignedOut } from '../api/client';
import { closeNews, openNews } from '../api/news';
import { becomes, useMe } from '../api/session';
import { changeLanguage, currentAntdWords, currentLanguage, knowGatewayWords } from './i18n';
import { pages } from './pages';
import { PageGate } from './PageGate';
import { Shell } from './Shell';
import { themeConfig, useDark } from './theme';
import type { Language } from './words';

const SignIn = lazy(() => import('./SignIn'));
const FirstPassword = lazy(() => import('./FirstPassword'));
const NotFound = lazy(() => import('./NotFound'));

const client = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      staleTime: 5_000,
      // A refusal stays one; only a server that cannot be reached or is busy is asked again.
      retry: (failed, error) => failed < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
    },
  },
});
onSignedOut(() => becomes(client, null));

const router = createBrowserRouter([
  {
    element: <Shell />,
    children: [
      ...pages.map((page) => ({ path: page.path, element: <PageGate page={page} /> })),
      { path: '*', element: <NotFound /> },
    ],
  },
]);

function Inside() {
  const { data: me, isPending, error } = useMe();
  const { t } = useTranslation();
  const project = me?.project;
  useEffect(() => {
    if (me?.language && me.language !== currentLanguage()) void changeLanguage(me.language as Language);
  }, [me?.language]);
  useEffect(() => {
    if (!me || me.must_change_password) return;
    openNews(me.permissions);
    return closeNews;
  }, [me?.id, me?.must_change_password, project]);
  if (error) return <div role="alert" style={{ padding: 48, textAlign: 'center' }}>{t('unreached')}</div>;
  if (isPending) return <Spin fullscreen aria-label={t('loading')} />;
  if (!me) return <SignIn />;
  if (me.face === 'gateway') use(knowGatewayWords());
  if (me.must_change_password) return <FirstPassword />;
  return <RouterProvider key={project} router={router} />;
}

export function App() {
  const dark = useDark();
  useTranslation(); // another language: drawn again
  return (
    <QueryClientProvider client={client}>
      <ConfigProvider theme={themeConfig(dark)} locale={currentAntdWords() as never} componentSize="middle">
        <Messages message={{ maxCount: 4 }} style={{ height: '100%' }}>
          <Suspense fallback={<Spin fullscreen />}>
            <Inside />
          </Suspense>
        </Messages>
      </ConfigProvider>
    </QueryClientProvider>
  );
}
