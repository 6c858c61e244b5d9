// One notice as it stands under the bell.
import { Typography } from 'antd';
import type { Row } from '../api/client';
import { timeText } from '../app/format';
import { State, type StateKind } from '../parts/state';

export type Notice = Row<'/api/v1/notices'>;

const kinds: Record<string, StateKind> = { error: 'failed', warning: 'partial', info: 'ok' };

export function NoticeTitle({ notice }: { notice: Notice }) {
  return <State kind={kinds[notice.level] ?? 'waiting'}><span style={{ fontWeight: notice.read ? 400 : 600 }}>{notice.title}</span></State>;
}

export function NoticeText({ notice }: { notice: Notice }) {
  return (
    <div style={{ padding: '6px 0', borderBottom: '1px solid var(--svod-color-border-secondary)' }}>
      <div style={{ display: 'flex', justifyContent: 'space-between', gap: 8 }}>
        <NoticeTitle notice={notice} />
        <Typography.Text type="secondary" style={{ whiteSpace: 'nowrap' }}>{timeText(notice.time, false)}</Typography.Text>
      </div>
      <div style={{ overflowWrap: 'anywhere' }}>{notice.text}</div>
    </div>
  );
}
