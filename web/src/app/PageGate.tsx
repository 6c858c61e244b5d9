// A page behind its permission: the title of the window, a spinner while it loads, a sentence where it may not be opened.
import { Spin } from 'antd';
import { Component, lazy, Suspense, useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useMayOpen } from '../api/session';
import type { Page } from './pages';

const Refused = lazy(() => import('./Refused'));

/** A fault of ours in one page leaves the others usable. */
class Fence extends Component<{ words: { title: string; hint: string }; children: ReactNode }, { broken?: Error }> {
  state: { broken?: Error } = {};
  static getDerivedStateFromError(broken: Error) {
    return { broken };
  }
  render() {
    return this.state.broken
      ? <Suspense><Refused title={this.props.words.title} hint={`${this.props.words.hint} ${this.state.broken.message}`} /></Suspense>
      : this.props.children;
  }
}

export function PageGate({ page }: { page: Page }) {
  const may = useMayOpen();
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${t(page.title)} — Svod`;
  }, [page, t]);
  if (!may(page)) return <Suspense><Refused title={t('forbidden.title')} hint={t('forbidden.hint')} /></Suspense>;
  return (
    <Fence key={page.path} words={{ title: t('broken.title'), hint: t('broken.hint') }}>
      <Suspense fallback={<Spin style={{ display: 'block', margin: '20vh auto' }} aria-label={t('loading')} />}>
        <page.component />
      </Suspense>
    </Fence>
  );
}
