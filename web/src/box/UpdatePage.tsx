// «Обновление прошивки» (S0 4.7.2): a package is sent in parts, checked, shown, installed; then the page waits for the box with a timer
// of five minutes. Beside it what became of former updates, the newest first.
import { InboxOutlined, RocketOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Flex, Progress, Spin, Upload } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { bytesText, timeText } from '../app/format';
import { useDestructive } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { State, type StateKind } from '../parts/state';
import './box.css';
import { Facts } from './data';

type Update = Answer<'/api/v1/box/update'>;

const PART = 256 * 1024;
const results: Record<string, StateKind> = { installed: 'ok', 'rolled-back': 'failed', failed: 'failed' };

/** Why a package is not taken: the server's words at its field. */
const reason = (e: unknown) => (e instanceof ApiError && e.fields.length ? e.fields.map((one) => one.message).join('; ') : e instanceof Error ? e.message : String(e));

function useUpdate(waiting: boolean) {
  return useQuery({ queryKey: ['/box/update'], queryFn: () => api.get<Update>('/box/update'), retry: false, refetchInterval: (query) => (waiting || query.state.data?.trial ? 1500 : 15_000) });
}

/** Sends the file part by part. */
async function sendParts(file: File, told: (percent: number) => void) {
  for (let at = 0; at < file.size; at += PART) {
    await api.put(`/box/update/package?offset=${at}`, new Blob([file.slice(at, at + PART)], { type: 'application/octet-stream' }));
    told(Math.floor((Math.min(at + PART, file.size) * 100) / file.size));
  }
}

function Receiving({ update }: { update: Update }) {
  const { t } = useTranslation('update');
  const client = useQueryClient();
  const [percent, setPercent] = useState<number>();
  const [refused, setRefused] = useState<string>();
  const take = async (file: File) => {
    setRefused(undefined);
    setPercent(0);
    try {
      await sendParts(file, setPercent);
      client.setQueryData(['/box/update'], await api.post('/box/update/check'));
    } catch (e) {
      setRefused(reason(e));
      void client.invalidateQueries({ queryKey: ['/box/update'] });
    } finally {
      setPercent(undefined);
    }
  };
  return (
    <Flex vertical gap={12}>
      <Upload.Dragger accept=".bin" maxCount={1} showUploadList={false} disabled={percent !== undefined || !update.supported || !update.has_key || update.trial}
        beforeUpload={(chosen) => {
          void take(chosen);
          return false;
        }}>
        <p style={{ margin: 0, fontSize: 28 }}><InboxOutlined /></p>
        <p style={{ margin: '4px 0' }}>{t('choose')}</p>
        <p className="quiet" style={{ margin: 0 }}>{t('chooseHint')}</p>
      </Upload.Dragger>
      {percent !== undefined && <Progress percent={percent} aria-label={t('sending')} />}
      {refused && <Alert type="error" showIcon title={t('refused')} description={refused} data-testid="update-refused" />}
    </Flex>
  );
}

function Checked({ update, onBegun }: { update: Update; onBegun: (before: number) => void }) {
  const { t } = useTranslation('update');
  const client = useQueryClient();
  const destructive = useDestructive();
  const p = update.package!;
  const forget = async () => {
    await api.delete('/box/update/package');
    await client.invalidateQueries({ queryKey: ['/box/update'] });
  };
  const install = () => destructive({
    title: t('sure', { version: p.version }), content: t('cost'), okText: t('install'),
    act: async () => {
      const history = update.history.length;
      await api.post('/box/update');
      onBegun(history);
    },
  });
  return (
    <Flex vertical gap={12} data-testid="update-checked">
      <Alert type="success" showIcon title={t('good')} />
      <Facts rows={[[t('version'), `${update.version} → ${p.version}`], [t('size'), bytesText(p.bytes)], [t('processor'), p.architecture]]} />
      {p.notes && <div><b>{t('changes')}</b><p style={{ whiteSpace: 'pre-wrap', margin: '4px 0 0' }}>{p.notes}</p></div>}
      <Flex gap={8}>
        <Button type="primary" icon={<RocketOutlined />} onClick={() => void install()}>{t('install')}</Button>
        <Button onClick={() => void forget()}>{t('drop')}</Button>
      </Flex>
    </Flex>
  );
}

/** The box restarts: seconds until the page gives up waiting. */
function Waiting({ seconds, lost }: { seconds: number; lost: boolean }) {
  const { t } = useTranslation('update');
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  if (seconds <= 0) return <Alert type="error" showIcon title={t('gone')} description={t('goneHint')} />;
  return <Alert type="info" showIcon icon={<Spin size="small" />} title={t(lost ? 'waiting' : 'restarting', { clock })} description={t('leaveAlone')} data-testid="update-waiting" />;
}

function History({ update }: { update: Update }) {
  const { t } = useTranslation('update');
  return (
    <Card size="small" title={t('history')}>
      {update.history.length === 0 && <span className="quiet">{t('noHistory')}</span>}
      <ul className="flags" style={{ gridTemplateColumns: '1fr' }} data-testid="update-history">
        {update.history.map((one) => (
          <li key={one.time}>
            <span className="quiet">{timeText(one.time)}</span><State kind={results[one.result]}>{t(`results.${one.result}`)}</State><span>{one.former} → {one.version}</span>
            {one.text && <span className="quiet">{one.text}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

export default function UpdatePage() {
  const { t } = useTranslation('update');
  const may = useMay();
  const [begun, setBegun] = useState<{ at: number; history: number }>();
  const [now, setNow] = useState(Date.now());
  const { data: update, isError: lost } = useUpdate(begun !== undefined);
  useEffect(() => {
    if (!begun) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [begun]);
  const over = begun && update && !lost && update.history.length > begun.history && !update.trial;
  useEffect(() => {
    if (over) setBegun(undefined);
  }, [over]);
  if (!update) return <PageFrame title={t('title')}><Spin /></PageFrame>;
  const last = update.history[0];
  return (
    <PageFrame title={t('title')}>
      <div className="box-grid">
        <Card size="small" title={t('current', { version: update.version })}>
          <Flex vertical gap={12}>
            {!update.supported && <Alert type="info" showIcon title={t('noStarter')} description={t('noStarterHint')} />}
            {update.supported && !update.has_key && <Alert type="warning" showIcon title={t('noKey')} description={t('noKeyHint')} />}
            {update.trial && <Alert type="info" showIcon title={t('trial')} description={t('trialHint')} />}
            {begun ? <Waiting seconds={update.reconnect_s - Math.floor((now - begun.at) / 1000)} lost={lost} />
              : !may('Write.HesConfig') || !update.supported ? <Facts rows={[[t('processor'), update.architecture]]} />
                : update.stage === 'checked' ? <Checked update={update} onBegun={(history) => setBegun({ at: Date.now(), history })} />
                  : <Receiving update={update} />}
            {!begun && last && <State kind={results[last.result]}>{t(`last.${last.result}`, { version: last.version })}</State>}
          </Flex>
        </Card>
        <History update={update} />
      </div>
    </PageFrame>
  );
}
