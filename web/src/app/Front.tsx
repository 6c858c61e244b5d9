// The pages before the app: a card in the middle, language and theme at hand.
import { BulbOutlined } from '@ant-design/icons';
import { Button, Flex } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { changeLanguage, currentLanguage } from './i18n';
import { setTheme, useDark } from './theme';

export function Front({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const dark = useDark();
  const next = currentLanguage() === 'ru' ? 'en' : 'ru';
  return (
    <main style={{ minHeight: '100%', display: 'grid', placeItems: 'center', padding: 16, background: dark ? '#0a0a0a' : '#f4f5f7', boxSizing: 'border-box' }}>
      <div className="panel" style={{ width: '100%', maxWidth: 400, padding: 24, boxSizing: 'border-box' }}>
        <Flex align="center" gap={10} style={{ marginBottom: 20 }}>
          <img src="/icon.svg" alt="" width={32} height={32} />
          <h1 style={{ margin: 0, fontSize: 22, flex: 1 }}>{t('product')}</h1>
          <Button type="text" icon={<BulbOutlined />} aria-label={t('theme')} onClick={() => setTheme(dark ? 'light' : 'dark')} />
          <Button type="text" aria-label={`${next.toUpperCase()}: ${t('language.change')}`} onClick={() => void changeLanguage(next)}>{next.toUpperCase()}</Button>
        </Flex>
        {children}
      </div>
    </main>
  );
}
