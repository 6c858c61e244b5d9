// Light and dark, one accent; colour otherwise says state only, and never alone.
import { theme, type ThemeConfig } from 'antd';
import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'light' | 'dark' | 'system';

const system = matchMedia('(prefers-color-scheme: dark)');
const watchers = new Set<() => void>();
let choice = (localStorage.getItem('svod.theme') as ThemeChoice | null) ?? 'system';

function dark(): boolean {
  return choice === 'dark' || (choice === 'system' && system.matches);
}

function apply() {
  document.documentElement.dataset.theme = dark() ? 'dark' : 'light';
  watchers.forEach((watcher) => watcher());
}

system.addEventListener('change', apply);
apply();

export function setTheme(next: ThemeChoice) {
  choice = next;
  localStorage.setItem('svod.theme', next);
  apply();
}

function subscribe(watcher: () => void) {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, () => choice);
}

export function useDark(): boolean {
  return useSyncExternalStore(subscribe, dark);
}

/** Colours of states, legible (4.5:1) on both backgrounds; for charts and tags. */
export const stateColors = {
  light: { ok: '#237804', partial: '#ad4e00', failed: '#cf1322', waiting: '#0958d9', never: '#595959' },
  dark: { ok: '#73d13d', partial: '#ffa940', failed: '#ff7875', waiting: '#69b1ff', never: '#a6a6a6' },
} as const;

export function themeConfig(isDark: boolean): ThemeConfig {
  return {
    cssVar: { key: 'svod', prefix: 'svod' },
    algorithm: isDark ? [theme.darkAlgorithm, theme.compactAlgorithm] : [theme.defaultAlgorithm, theme.compactAlgorithm],
    token: {
      fontSize: 15, // the compact algorithm takes two off
      colorPrimary: isDark ? '#3c89e8' : '#1668dc', colorLink: isDark ? '#69b1ff' : '#0958d9', colorError: isDark ? '#ff7875' : '#cf1322', borderRadius: 5, wireframe: false, motion: false,
      fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Ubuntu, sans-serif",
      colorTextSecondary: isDark ? 'rgba(255,255,255,0.68)' : 'rgba(0,0,0,0.65)',
      colorTextTertiary: isDark ? 'rgba(255,255,255,0.62)' : 'rgba(0,0,0,0.6)',
      colorTextDescription: isDark ? 'rgba(255,255,255,0.65)' : 'rgba(0,0,0,0.62)',
      colorTextPlaceholder: isDark ? 'rgba(255,255,255,0.58)' : 'rgba(0,0,0,0.58)',
    },
    components: {
      Layout: { headerHeight: 48, headerPadding: '0 12px', headerBg: isDark ? '#141414' : '#ffffff', siderBg: isDark ? '#141414' : '#ffffff', bodyBg: isDark ? '#0a0a0a' : '#f4f5f7' },
      Menu: { itemHeight: 34, activeBarBorderWidth: 0, ...(isDark ? { itemSelectedColor: '#a9cbf5', subMenuItemSelectedColor: '#a9cbf5' } : {}) },
      Table: { cellPaddingBlockSM: 5, cellPaddingInlineSM: 8, headerBorderRadius: 0, ...(isDark ? { rowSelectedBg: '#16263d', rowSelectedHoverBg: '#1a2c46' } : { rowSelectedHoverBg: '#dceeff' }) },
      Tabs: isDark ? { itemSelectedColor: '#a9cbf5', itemActiveColor: '#a9cbf5', inkBarColor: '#a9cbf5', itemHoverColor: '#a9cbf5' } : {},
      // Under the mouse a button grows darker: the lighter shade that is usual leaves its white words 2.9:1.
      Button: isDark ? { dangerColor: '#141414', colorPrimaryHover: '#2f6cb8', defaultHoverColor: '#69b1ff', defaultHoverBorderColor: '#69b1ff' } : { defaultHoverColor: '#0958d9', defaultHoverBorderColor: '#0958d9', colorPrimaryHover: '#0958d9', colorErrorHover: '#a8071a' },
      Form: { itemMarginBottom: 14 },
    },
  };
}
