// The look of the app: language, theme, menu; and everything as it was at first.
import { useQueryClient } from '@tanstack/react-query';
import { Card, Form, Segmented, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useSetting, type Me } from '../api/session';
import { changeLanguage, currentLanguage } from '../app/i18n';
import type { Language } from '../app/words';
import { setTheme, useThemeChoice, type ThemeChoice } from '../app/theme';
import { PageFrame } from '../parts/page';
import { ResetSettings } from './ResetSettings';

export default function AppSettings() {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const theme = useThemeChoice();
  const [collapsed, setCollapsed] = useSetting('menu.collapsed', false);
  const language = async (next: Language) => {
    await changeLanguage(next);
    client.setQueryData(['session'], await api.patch<Me>('/session/profile', { language: next }));
    await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
  };
  return (
    <PageFrame title={t('app.title')}>
      <Card size="small" title={t('app.look')} style={{ maxWidth: 640 }}>
        <Form layout="vertical">
          <Form.Item label={t('app.language')} htmlFor="language"><Select id="language" value={currentLanguage()} onChange={(next) => void language(next)} style={{ width: 220 }} options={[{ value: 'ru', label: 'Русский' }, { value: 'en', label: 'English' }]} /></Form.Item>
          <Form.Item label={t('app.theme')}>
            <Segmented<ThemeChoice> value={theme} onChange={setTheme} aria-label={t('app.theme')} options={(['light', 'dark', 'system'] as const).map((value) => ({ value, label: t(`app.themes.${value}`) }))} />
          </Form.Item>
          <Form.Item label={t('app.collapsed')} htmlFor="collapsed"><Switch id="collapsed" checked={collapsed} onChange={setCollapsed} /></Form.Item>
        </Form>
      </Card>
      <ResetSettings />
    </PageFrame>
  );
}
