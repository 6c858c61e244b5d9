// Tabs of a page, the open one in the address; on a telephone, where they would not fit side by side, a list to choose from.
import { Grid, Select, Tabs } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

export interface PageTab {
  key: string;
  label: string;
  children: ReactNode;
}

export function PageTabs({ items }: { items: PageTab[] }) {
  const { t } = useTranslation('app');
  const [words, setWords] = useSearchParams();
  const wide = Grid.useBreakpoint().md ?? true;
  const open = items.find((item) => item.key === words.get('tab')) ?? items[0];
  const choose = (tab: string) => setWords({ tab }, { replace: true });
  if (wide) return <Tabs activeKey={open.key} onChange={choose} destroyOnHidden items={items} />;
  return (
    <>
      <Select value={open.key} onChange={choose} aria-label={t('section')} options={items.map(({ key, label }) => ({ value: key, label }))} />
      {open.children}
    </>
  );
}
