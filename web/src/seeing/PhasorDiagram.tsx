// The vectors of a three-phase network as the meter sees them, drawn by hand: voltages from the middle, phase A upwards, the
// others turning clockwise; each current at its angle behind its voltage. Lengths are in proportion, words are exact.
import { useTranslation } from 'react-i18next';
import { valueText } from '../app/format';
import { useChartColors } from './Chart';
import type { Digits } from './exact';

export interface Phase {
  name: string;
  /** Degrees clockwise from the voltage of phase A. */
  angle: number;
  voltage?: Digits;
  current?: Digits;
  /** Degrees that the current lags behind the voltage; leads when negative. */
  lag?: number;
}

const SIZE = 340, MIDDLE = SIZE / 2, VOLTAGE = 132, CURRENT = 96;

/** The end of a vector of that length, `angle` degrees clockwise from upright. */
function end(angle: number, length: number): [number, number] {
  const turned = (angle * Math.PI) / 180;
  return [MIDDLE + Math.sin(turned) * length, MIDDLE - Math.cos(turned) * length];
}

function Vector({ angle, length, color, dashed, label }: { angle: number; length: number; color: string; dashed?: boolean; label: string }) {
  const [x, y] = end(angle, length), [left, leftY] = end(angle - 2.6, length - 11), [right, rightY] = end(angle + 2.6, length - 11), [wordX, wordY] = dashed ? end(angle + 14, length) : end(angle, length + 16);
  return (
    <g stroke={color} fill={color}>
      <line x1={MIDDLE} y1={MIDDLE} x2={x} y2={y} strokeWidth={2} strokeDasharray={dashed ? '6 3' : undefined} />
      <polygon points={`${x},${y} ${left},${leftY} ${right},${rightY}`} />
      <text x={wordX} y={wordY} stroke="none" fontSize={13} textAnchor="middle" dominantBaseline="middle">{label}</text>
    </g>
  );
}

export function PhasorDiagram({ phases }: { phases: Phase[] }) {
  const { t } = useTranslation('seeing');
  const colors = useChartColors();
  const most = (pick: (phase: Phase) => Digits | undefined) => Math.max(0, ...phases.map((phase) => Number(pick(phase) ?? 0)));
  const voltage = most((p) => p.voltage), current = most((p) => p.current);
  const words = phases.map((p) => [`U ${p.name} ${valueText(p.voltage)}`, `I ${p.name} ${valueText(p.current)}`, p.lag === undefined ? '' : `φ ${Math.round(p.lag * 100) / 100}°`].filter(Boolean).join(', ')).join('; ');
  return (
    <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={`${t('network.phasor')}: ${words}`} style={{ width: '100%', maxWidth: SIZE, display: 'block', margin: '0 auto' }}>
      {[0.5, 1].map((part) => <circle key={part} cx={MIDDLE} cy={MIDDLE} r={VOLTAGE * part} fill="none" stroke={colors.line} />)}
      {[0, 30, 60, 90, 120, 150].map((angle) => {
        const [x1, y1] = end(angle, VOLTAGE), [x2, y2] = end(angle + 180, VOLTAGE);
        return <line key={angle} x1={x1} y1={y1} x2={x2} y2={y2} stroke={colors.line} />;
      })}
      {phases.map((phase, i) => {
        const color = colors.series[i % colors.series.length];
        return (
          <g key={phase.name}>
            {Number(phase.voltage ?? 0) > 0 && <Vector angle={phase.angle} length={(VOLTAGE * Number(phase.voltage)) / voltage} color={color} label={`U${phase.name}`} />}
            {Number(phase.current ?? 0) > 0 && phase.lag !== undefined &&
              <Vector angle={phase.angle + phase.lag} length={Math.max(28, (CURRENT * Number(phase.current)) / current)} color={color} dashed label={`I${phase.name}`} />}
          </g>
        );
      })}
    </svg>
  );
}
