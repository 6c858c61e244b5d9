// A frame of the exchange: its bytes and what they mean, line by line; the bytes of the line under the pointer are marked.
import { useState } from 'react';
import type { Row } from '../api/client';

type Exchange = Row<'/api/v1/devices/{id}/exchanges'>;
export type FrameLine = Exchange['lines'][number];

function Bytes({ hex, mark }: { hex: string; mark?: FrameLine }) {
  const bytes = hex.replace(/\s/g, '').match(/../g) ?? [];
  const from = mark && mark.offset >= 0 ? mark.offset : -1, to = from < 0 ? -1 : from + (mark?.size ?? 0);
  return (
    <code className="mono" style={{ wordBreak: 'break-word', lineHeight: 1.6 }}>
      {bytes.map((byte, i) => <span key={i} style={i >= from && i < to ? { background: 'var(--svod-color-primary-bg-hover)', color: 'var(--svod-color-text)' } : undefined}>{byte}{i + 1 < bytes.length ? ' ' : ''}</span>)}
    </code>
  );
}

export function Frame({ hex, lines }: { hex: string; lines: FrameLine[] }) {
  const [mark, setMark] = useState<FrameLine>();
  return (
    <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(280px, 100%), 1fr))', gap: '4px 16px', alignItems: 'start' }} onMouseLeave={() => setMark(undefined)}>
      <Bytes hex={hex} mark={mark} />
      <div style={{ fontSize: 13, minWidth: 0 }}>
        {lines.map((line, i) => (
          <div key={i} onMouseEnter={() => setMark(line)} style={{ paddingInlineStart: line.depth * 14, overflowWrap: 'anywhere', background: mark === line ? 'var(--svod-color-fill-secondary)' : undefined }}>
            <span className="quiet">{line.label}</span>{line.value && <> {line.value}</>}
          </div>
        ))}
      </div>
    </div>
  );
}
