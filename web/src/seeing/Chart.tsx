// A chart of ECharts: loaded when first needed, in the colours of the theme, as wide as its place. What it shows is also to be
// had as a table beside it: the picture itself has only a name for those who do not see it.
import { Skeleton } from 'antd';
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';
import { useDark } from '../app/theme';

export interface ChartColors {
  text: string;
  faint: string;
  line: string;
  surface: string;
  /** Series, told apart by lightness as well as by hue. */
  series: string[];
}

const palettes: Record<'light' | 'dark', ChartColors> = {
  light: { text: '#262626', faint: '#595959', line: '#e4e4e7', surface: '#ffffff', series: ['#1668dc', '#d46b08', '#389e0d', '#9254de', '#08979c', '#c41d7f', '#7c5e10', '#595959'] },
  dark: { text: '#e8e8e8', faint: '#a6a6a6', line: '#303030', surface: '#1f1f1f', series: ['#69b1ff', '#ffa940', '#95de64', '#b37feb', '#5cdbd3', '#ff85c0', '#d8bd14', '#bfbfbf'] },
};

export function useChartColors(): ChartColors {
  return palettes[useDark() ? 'dark' : 'light'];
}

/** What all charts share: letters, grid lines, the box of a point's words. */
export function chartBase(colors: ChartColors): EChartsCoreOption {
  return {
    animation: false,
    color: colors.series,
    textStyle: { color: colors.text, fontFamily: 'system-ui, sans-serif' },
    tooltip: { backgroundColor: colors.surface, borderColor: colors.line, textStyle: { color: colors.text, fontSize: 13 }, confine: true },
  };
}

export const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

interface Props {
  option: EChartsCoreOption;
  height: number;
  /** What the picture shows, in words. */
  label: string;
  onClick?: (point: { dataIndex: number; seriesIndex: number; data: unknown }) => void;
}

export function Chart({ option, height, label, onClick }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<EChartsType>();
  const click = useRef(onClick);
  click.current = onClick;
  useEffect(() => {
    let made: EChartsType | undefined, gone = false;
    void import('./echarts').then(({ init }) => {
      if (gone || !place.current) return;
      made = init(place.current);
      made.on('click', (event) => click.current?.(event as never));
      setChart(made);
    });
    const observer = new ResizeObserver(() => made?.resize());
    observer.observe(place.current!);
    return () => {
      gone = true;
      observer.disconnect();
      made?.dispose();
    };
  }, []);
  useEffect(() => void chart?.setOption(option, { notMerge: true }), [chart, option]);
  return (
    <div style={{ position: 'relative', minWidth: 0 }}>
      {!chart && <Skeleton.Node active style={{ position: 'absolute', inset: 0, width: '100%', height }} />}
      <div ref={place} role="img" aria-label={label} style={{ height, minWidth: 0 }} />
    </div>
  );
}
