// A heat map of ECharts over rows and columns: the share of hours in which meters answered. Colours go from dark red over
// yellow to green and differ in lightness, too; a cell nobody was asked in is empty.
import type { EChartsCoreOption } from 'echarts/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { countText, percentText } from '../app/format';
import { useDark } from '../app/theme';
import { Chart, chartBase, escapeHtml, useChartColors } from './Chart';

export interface HeatCell {
  row: number;
  column: number;
  /** Hours with sessions that went well, and that failed. */
  good: number;
  failed: number;
  /** Which device, which time. */
  words: string;
  /** Where it leads. */
  to?: string;
}

/** Of the hours that were good and those that failed; an hour may be both. */
const shareOf = (cell: HeatCell) => (100 * cell.good) / (cell.good + cell.failed);

const steps = ['bad', 'poor', 'fair', 'good'] as const;
const shades = { light: { bad: '#a8071a', poor: '#fa8c16', fair: '#ffe58f', good: '#52c41a' }, dark: { bad: '#a61d24', poor: '#d87a16', fair: '#e8d639', good: '#49aa19' } };
const limits = { bad: [0, 50], poor: [50, 90], fair: [90, 99], good: [99, 100] };

function useShades() {
  return shades[useDark() ? 'dark' : 'light'];
}

export function HeatLegend() {
  const { t } = useTranslation('seeing');
  const colors = useShades();
  return (
    <div className="toolbar" role="group" aria-label={t('heat.legend')}>
      <span className="faint">{t('heat.legend')}:</span>
      {steps.map((step) => <span key={step} style={{ display: 'inline-flex', gap: 5, alignItems: 'center' }}><span className="heat-swatch" style={{ background: colors[step] }} />{t(`heat.range.${step}`)}</span>)}
      <span style={{ display: 'inline-flex', gap: 5, alignItems: 'center' }}><span className="heat-swatch" />{t('heat.range.none')}</span>
    </div>
  );
}

export function HeatChart({ cells, rows, columns, label }: { cells: HeatCell[]; rows: string[]; columns: string[]; label: string }) {
  const { t } = useTranslation('seeing');
  const colors = useChartColors(), shade = useShades();
  const navigate = useNavigate();
  const asked = useMemo(() => cells.filter((cell) => cell.good || cell.failed), [cells]);
  const option = useMemo<EChartsCoreOption>(() => {
    const base = chartBase(colors);
    return {
      ...base,
      grid: { left: Math.min(150, 20 + 7.2 * Math.max(...rows.map((row) => row.length))), right: 12, top: 8, bottom: 30 },
      xAxis: { type: 'category', data: columns, axisLabel: { color: colors.faint, hideOverlap: true }, axisTick: { show: false }, axisLine: { lineStyle: { color: colors.line } }, splitLine: { show: columns.length < 60, lineStyle: { color: colors.line } } },
      yAxis: { type: 'category', data: rows, inverse: true, axisLabel: { color: colors.faint }, axisTick: { show: false }, axisLine: { lineStyle: { color: colors.line } }, splitLine: { show: true, lineStyle: { color: colors.line } } },
      visualMap: { show: false, type: 'piecewise', dimension: 2, pieces: steps.map((step) => ({ gte: limits[step][0], [step === 'good' ? 'lte' : 'lt']: limits[step][1], color: shade[step] })) },
      tooltip: {
        ...(base.tooltip as object),
        formatter: ({ dataIndex }: { dataIndex: number }) => {
          const cell = asked[dataIndex];
          return `${escapeHtml(cell.words).replace('\n', '<br>')}<br><b>${percentText(cell.good, cell.good + cell.failed)}</b><br>${t('heat.answeredHours')}: ${countText(cell.good)}<br>${t('heat.failedHours')}: ${countText(cell.failed)}`;
        },
      },
      series: [{ type: 'heatmap', data: asked.map((cell) => [cell.column, cell.row, shareOf(cell)]), itemStyle: { borderColor: colors.surface, borderWidth: columns.length < 60 ? 1 : 0 }, emphasis: { itemStyle: { borderColor: colors.text, borderWidth: 1 } } }],
    };
  }, [asked, rows, columns, colors, shade, t]);
  return <Chart option={option} height={Math.max(120, 48 + rows.length * (rows.length > 20 ? 18 : 24))} label={label}
    onClick={({ dataIndex }) => { const to = asked[dataIndex]?.to; if (to) void navigate(to); }} />;
}
