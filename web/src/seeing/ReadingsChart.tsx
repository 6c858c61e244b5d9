// Load profile and registers over time. The picture may round; the words of a point are the meter's own digits.
import type { EChartsCoreOption } from 'echarts/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { timeText, valueText } from '../app/format';
import { useStateColors } from '../parts/state';
import { Chart, chartBase, escapeHtml, useChartColors } from './Chart';
import { MISSING, qualityText } from './quality';
import { isInterval, type Gap, type GridArchive, type Pivot } from './ReadingsPanel';
import { shortDay } from './time';

interface Props {
  archive: GridArchive;
  data: Pivot;
  gaps: Gap[];
  span: { from: string; to: string };
}

/** Time, value, number of the row; -1 in a gap. */
type Point = [number, number | null, number];

/** A meter's wall clock has no zone: it is drawn as if it were UTC, so that no day has 23 hours. */
const at = (wall: string) => Date.parse(`${wall}Z`);
const wallOf = (ms: number) => new Date(ms).toISOString().slice(0, 19);

/** Registers of one unit share an axis; of two at most, so that the picture can be read. */
function axesOf(data: Pivot): string[] {
  return [...new Set(data.columns.map((column) => column.unit))].slice(0, 2);
}

export function ReadingsChart({ archive, data, gaps, span }: Props) {
  const { t } = useTranslation('seeing');
  const colors = useChartColors(), states = useStateColors();
  const option = useMemo<EChartsCoreOption>(() => {
    const base = chartBase(colors), units = axesOf(data), bars = isInterval(archive);
    const drawn = data.columns.map((column, i) => ({ column, i })).filter(({ column }) => units.includes(column.unit)).slice(0, 8);
    const doubtful = (point: Point, column: number) => point[2] >= 0 && (data.rows[point[2]].quality[column] & ~MISSING) !== 0;
    const times = data.rows.map((row) => at(row.time));
    const words = (index: number) => {
      const row = data.rows[index];
      const lines = drawn.map(({ column, i }) => {
        const quality = qualityText(row.quality[i], t);
        return `${escapeHtml(column.title)}: <b>${valueText(row.values[i])}</b> ${escapeHtml(column.unit)}${quality ? ` (${escapeHtml(quality)})` : ''}`;
      });
      return [timeText(row.time), ...lines].join('<br>');
    };
    return {
      ...base,
      grid: { left: 64, right: units.length > 1 ? 64 : 16, top: 52, bottom: 60 },
      legend: { top: 0, type: 'scroll', icon: 'roundRect', itemWidth: 16, itemHeight: 4, textStyle: { color: colors.text }, pageTextStyle: { color: colors.text } },
      xAxis: {
        type: 'time', min: at(span.from), max: at(span.to), axisLine: { lineStyle: { color: colors.line } }, splitLine: { show: false },
        axisLabel: { color: colors.faint, hideOverlap: true, formatter: (ms: number) => (wallOf(ms).endsWith('T00:00:00') ? shortDay(wallOf(ms)) : wallOf(ms).slice(11, 16)) },
        axisPointer: { show: true, type: 'line', label: { show: false } },
      },
      yAxis: units.map((unit, i) => ({
        type: 'value', name: unit, position: i ? 'right' : 'left', scale: !bars, nameTextStyle: { color: colors.faint }, axisLabel: { color: colors.faint },
        splitLine: { show: i === 0, lineStyle: { color: colors.line } },
      })),
      tooltip: {
        ...(base.tooltip as object), trigger: 'axis',
        formatter: (points: { value: Point }[]) => {
          const row = points.map((point) => point.value[2]).find((index) => index >= 0);
          return row === undefined ? '' : words(row);
        },
      },
      dataZoom: [{ type: 'inside', filterMode: 'none' }, { type: 'slider', height: 20, bottom: 6, filterMode: 'none', labelFormatter: (ms: number) => timeText(wallOf(ms), false), textStyle: { color: colors.faint } }],
      series: drawn.map(({ column, i }, order) => ({
        name: column.unit ? `${column.title}, ${column.unit}` : column.title, type: 'line', step: bars ? 'end' : undefined, yAxisIndex: units.indexOf(column.unit),
        showSymbol: true, symbolSize: (point: Point) => (doubtful(point, i) ? 8 : data.rows.length < 80 ? 4 : 0), symbol: (point: Point) => (doubtful(point, i) ? 'triangle' : 'circle'),
        lineStyle: { width: 1.5 }, connectNulls: false,
        data: withHoles(times, data.rows.map((row) => row.values[i]), gaps),
        markArea: order === 0 && gaps.length ? {
          silent: true, itemStyle: { color: states.failed, opacity: 0.14 }, label: { show: gaps.length < 8, color: states.failed, fontSize: 11, formatter: t('readings.gap') },
          data: gaps.slice(0, 500).map((gap) => [{ xAxis: at(gap.from) }, { xAxis: at(gap.to) }]),
        } : undefined,
      })),
    };
  }, [archive, data, gaps, span.from, span.to, colors, states, t]);
  return <div className="panel"><Chart option={option} height={320} label={t('readings.chart', { title: t(`archive.${archive}`) })} /></div>;
}

/** Points [time, value, row]; between two rows with a gap between them stands an empty one, so that no line is drawn over it. */
function withHoles(times: number[], values: (number | string | null)[], gaps: Gap[]): Point[] {
  const begins = gaps.map((gap) => at(gap.from)).sort((a, b) => a - b);
  const points: Point[] = [];
  let next = 0;
  times.forEach((time, i) => {
    while (next < begins.length && begins[next] <= (times[i - 1] ?? -Infinity)) next++;
    if (i && next < begins.length && begins[next] < time) points.push([begins[next], null, -1]);
    const value = values[i];
    points.push([time, value === null || value === undefined ? null : Number(value), i]);
  });
  return points;
}
