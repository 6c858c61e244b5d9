// One frame: its bytes in rows of sixteen, and the tree of what they mean.
import { Button, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { timeText } from '../app/format';
import type { Frame } from './ExchangePanel';
import './seeing.css';

type Part = { offset: number; size: number };

const WIDTH = 16;

function Bytes({ hex, lit, onByte }: { hex: string; lit?: Part; onByte: (at: number) => void }) {
  const { t } = useTranslation('seeing');
  const bytes = hex.match(/../g) ?? [];
  const rows = Array.from({ length: Math.ceil(bytes.length / WIDTH) }, (_, row) => bytes.slice(row * WIDTH, (row + 1) * WIDTH));
  const isLit = (at: number) => !!lit && at >= lit.offset && at < lit.offset + lit.size;
  return (
    <div className="mono frame-bytes" role="group" aria-label={t('exchange.hex')} data-testid="bytes" tabIndex={0}>
      {rows.map((row, y) => (
        <div key={y} className="frame-line">
          <span className="frame-offset">{(y * WIDTH).toString(16).toUpperCase().padStart(4, '0')}</span>
          {row.map((byte, x) => {
            const at = y * WIDTH + x;
            return <span key={x} className={isLit(at) ? 'frame-byte lit' : 'frame-byte'} onClick={() => onByte(at)}>{byte}</span>;
          })}
        </div>
      ))}
    </div>
  );
}

/** The innermost line that speaks of the byte. */
function lineOf(frame: Frame, at: number): number {
  let found = -1;
  frame.lines.forEach((line, i) => {
    const holds = line.offset >= 0 && at >= line.offset && at < line.offset + line.size;
    if (holds && (found < 0 || line.size <= frame.lines[found].size)) found = i;
  });
  return found;
}

export function FrameView({ frame, clock }: { frame: Frame; clock: string }) {
  const { t } = useTranslation('seeing');
  const [chosen, setChosen] = useState(-1);
  const line = frame.lines[chosen];
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 8, minWidth: 0 }}>
      <div className="toolbar">
        <b>{t(`exchange.${frame.direction}`)}</b><span>{timeText(frame.time).slice(0, 10)} {clock}</span><span className="grow" />
        {frame.frame && <Typography.Text copyable={{ text: frame.frame, tooltips: [t('exchange.copy'), t('exchange.copied')] }}>hex</Typography.Text>}
      </div>
      {frame.note && <div>{frame.note}</div>}
      {frame.frame && <Bytes hex={frame.frame} lit={line && line.offset >= 0 ? line : undefined} onByte={(at) => setChosen(lineOf(frame, at))} />}
      {frame.lines.length > 0 ? (
        <div className="frame-tree" role="group" aria-label={t('exchange.tree')} data-testid="tree">
          {frame.lines.map((one, i) => (
            <Button key={i} type="text" size="small" aria-pressed={i === chosen} className={i === chosen ? 'frame-node lit' : 'frame-node'} style={{ paddingInlineStart: 6 + one.depth * 14 }}
              onClick={() => setChosen(i === chosen ? -1 : i)} ref={(node: HTMLButtonElement | null) => { if (i === chosen) node?.scrollIntoView({ block: 'nearest' }); }}>
              <span className="frame-label">{one.label}</span>{one.value && <span className="frame-value">{one.value}</span>}
            </Button>
          ))}
        </div>
      ) : frame.frame && <div style={{ color: 'var(--svod-color-text-secondary)' }}>{t('exchange.noTree')}</div>}
    </div>
  );
}
