// The frames exchanged with a device (A08): what was sent and what came, its bytes and what they mean side by side. A line of
// the explanation lights up its bytes; a byte lights up its innermost line.
import { ArrowDownOutlined, ArrowUpOutlined, DownloadOutlined, InfoCircleOutlined, ReloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Input, Pagination, Segmented, Spin, Tooltip } from 'antd';
import { useEffect, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';
import { countText, timeText } from '../app/format';
import { useAct } from '../parts/acts';
import { useStateColors } from '../parts/state';
import { FrameView } from './FrameView';
import { RangeBox } from './RangeBox';
import { lastDays, type Range } from './time';

export type Frame = Row<'/api/v1/devices/{id}/exchanges'>;
type Direction = 'all' | Frame['direction'];

const PAGE = 100;

/** "14:05:31.120". */
function clock(time: string): string {
  return `${timeText(time).slice(11)}.${time.slice(20, 23)}`;
}

function Mark({ direction }: { direction: Frame['direction'] }) {
  const { t } = useTranslation('seeing');
  const colors = useStateColors();
  const icons = { sent: <ArrowUpOutlined />, received: <ArrowDownOutlined />, note: <InfoCircleOutlined /> };
  return <span aria-label={t(`exchange.${direction}`)} role="img" style={{ color: direction === 'received' ? colors.ok : direction === 'sent' ? colors.waiting : colors.never }}>{icons[direction]}</span>;
}

export default function ExchangePanel({ device }: { device: { id: number } }) {
  const { t } = useTranslation('seeing');
  const [range, setRange] = useState<Range>(lastDays(1));
  const [direction, setDirection] = useState<Direction>('all');
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState(0);
  const act = useAct();
  const utc = { from: range[0].startOf('day').toISOString().slice(0, 19), to: range[1].startOf('day').add(1, 'day').toISOString().slice(0, 19) };
  const query = { ...utc, direction: direction === 'all' ? undefined : direction, search: search || undefined, decode: true };
  const path = `/devices/${device.id}/exchanges`;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: [path, query, page], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<{ items: Frame[]; total: number }>(path, { ...query, newest: true, page, size: PAGE }, signal),
  });
  const frames = data?.items ?? [];
  useEffect(() => setChosen(Math.max(0, frames.length - 1)), [data]);
  const restart = (change: () => void) => {
    change();
    setPage(1);
  };
  return (
    <div className="page" style={{ padding: 0 }}>
      <div className="toolbar">
        <RangeBox value={range} onChange={(next) => restart(() => setRange(next))} />
        <Segmented value={direction} onChange={(next) => restart(() => setDirection(next))} options={(['all', 'sent', 'received', 'note'] as const).map((value) => ({ value, label: t(`exchange.${value}`) }))} />
        <Input.Search value={typed} allowClear placeholder={t('exchange.search')} aria-label={t('exchange.search')} style={{ width: 260 }}
          onChange={(e) => setTyped(e.target.value)} onSearch={(value) => restart(() => setSearch(value.trim()))} />
        <span className="grow" />
        <Tooltip title={t('exchange.refresh')}><Button icon={<ReloadOutlined />} aria-label={t('exchange.refresh')} onClick={() => void refetch()} /></Tooltip>
        <Button icon={<DownloadOutlined />} onClick={() => void act(() => api.download(`${path}.txt`, query))}>{t('exchange.text')}</Button>
      </div>
      {error && <Alert type="error" showIcon title={error.message} />}
      {isPending ? <Spin /> : frames.length === 0 ? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t(search || direction !== 'all' ? 'exchange.nothingFound' : 'exchange.empty')} /> : (
        <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(420px, 100%), 1fr))', gap: 12, alignItems: 'start' }}>
          <div className="panel" style={{ padding: 0 }}>
            <FrameList frames={frames} chosen={chosen} choose={setChosen} />
            <div style={{ padding: 8 }}>
              <Pagination size="small" current={page} pageSize={PAGE} total={data?.total ?? 0} onChange={setPage} showSizeChanger={false} showTotal={(total) => t('exchange.total', { count: total, text: countText(total) })} />
            </div>
          </div>
          {frames[chosen] && <div className="panel" style={{ position: 'sticky', top: 56 }}><FrameView key={frames[chosen].time + chosen} frame={frames[chosen]} clock={clock(frames[chosen].time)} /></div>}
        </div>
      )}
    </div>
  );
}

/** What a frame is, in a line: the part of it that has parts of its own, else the last thing said of the whole. */
export function gist(frame: Frame): string {
  if (frame.note) return frame.note;
  const outer = frame.lines.filter((line, i) => line.depth <= 1 && (line.value || (frame.lines[i + 1]?.depth ?? 0) > line.depth));
  const main = outer.find((line) => line.depth === 1 && (frame.lines[frame.lines.indexOf(line) + 1]?.depth ?? 0) > 1) ?? outer[outer.length - 1];
  return main ? [main.label, main.value].filter(Boolean).join(': ') : '';
}

function FrameList({ frames, chosen, choose }: { frames: Frame[]; chosen: number; choose: (at: number) => void }) {
  const { t } = useTranslation('seeing');
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(Math.min(frames.length - 1, Math.max(0, chosen + step)));
  };
  return (
    <div role="listbox" aria-label={t('exchange.frames')} aria-activedescendant={`frame-${chosen}`} tabIndex={0} onKeyDown={keys} style={{ maxHeight: '62vh', overflowY: 'auto' }} data-testid="frames">
      {frames.map((frame, i) => (
        <FrameRow key={i} id={`frame-${i}`} frame={frame} open={i === chosen} onClick={() => choose(i)} />
      ))}
    </div>
  );
}

function FrameRow({ id, frame, open, onClick }: { id: string; frame: Frame; open: boolean; onClick: () => void }) {
  const { t } = useTranslation('seeing');
  return (
    <div id={id} role="option" aria-selected={open} onClick={onClick} className="frame-row" ref={(row) => { if (open) row?.scrollIntoView({ block: 'nearest' }); }}>
      <span className="mono">{clock(frame.time)}</span>
      <Mark direction={frame.direction} />
      <span className="frame-gist" title={gist(frame)}>{gist(frame)}</span>
      {frame.frame && <span className="number" style={{ color: 'var(--svod-color-text-secondary)' }}>{t('exchange.bytes', { count: frame.frame.length / 2 })}</span>}
    </div>
  );
}
