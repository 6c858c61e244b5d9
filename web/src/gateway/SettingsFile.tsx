// «Настройки в файл» (S4 9, 13.5): saved with or without secrets, compared with what is, loaded whole or not at all.
import { DownloadOutlined, UploadOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Checkbox, Flex, Form, Input, InputNumber, Spin, Switch, Table, Upload } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { useAct } from '../parts/acts';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';

type Guard = Answer<'/api/v1/settings/guard'>;
type Outcome = Answer<'/api/v1/settings/file/load', 'post'>;

interface Chosen {
  name: string;
  file: { sections?: Record<string, unknown>; sealed?: string };
}

const shown = (value: unknown) => (value === null || value === undefined || value === '' ? '—' : typeof value === 'object' ? JSON.stringify(value) : String(value));

function Parts({ all, value, onChange }: { all: string[]; value: string[]; onChange: (parts: string[]) => void }) {
  const { t } = useTranslation('files');
  return <Checkbox.Group value={value} onChange={(parts) => onChange(parts as string[])} options={all.map((name) => ({ value: name, label: t(`part.${name}`) }))} style={{ marginBottom: 12 }} />;
}

function Save({ sections }: { sections: string[] }) {
  const { t } = useTranslation('files');
  const act = useAct();
  const [parts, setParts] = useState(sections);
  const [password, setPassword] = useState('');
  return (
    <Card size="small" title={t('file.save')} style={{ marginBottom: 12 }}>
      <Parts all={sections} value={parts} onChange={setParts} />
      <Form layout="vertical">
        <Form.Item label={t('file.password')} extra={t('file.passwordHint')} validateStatus={password && password.length < 8 ? 'error' : undefined}>
          <Input.Password aria-label={t('file.password')} value={password} onChange={(e) => setPassword(e.target.value)} maxLength={100} autoComplete="new-password" style={{ maxWidth: 320 }} />
        </Form.Item>
      </Form>
      <Button type="primary" icon={<DownloadOutlined />} disabled={parts.length === 0 || (!!password && password.length < 8)}
        onClick={() => void act(() => api.download('/settings/file', undefined, 'POST', { parts, ...(password ? { password } : {}) }))}>{t('file.download')}</Button>
    </Card>
  );
}

function Differences({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation('files');
  const wrong = [...outcome.mistakes, ...outcome.refused];
  return (
    <>
      {wrong.length > 0 && <Alert type="error" showIcon style={{ marginBottom: 8 }} title={t(outcome.refused.length ? 'file.refused' : 'file.mistakes')}
        description={<ul style={{ margin: 0 }}>{wrong.map((one) => <li key={one.field + one.message}><span className="mono">{one.field}</span>: {one.message}</li>)}</ul>} />}
      <Table size="small" pagination={false} rowKey={(row) => `${row.section}.${row.field}`} dataSource={outcome.changes} scroll={{ x: 'max-content', y: 360 }} locale={{ emptyText: t('file.same') }} columns={[
        { title: t('file.section'), dataIndex: 'section', render: (section: string) => t(`part.${section.replace(/\[.*/, '')}`) + (/\[\d+\]/.exec(section)?.[0] ?? '') },
        { title: t('file.field'), dataIndex: 'field', render: (field: string) => <span className="mono">{field}</span> },
        { title: t('file.was'), dataIndex: 'was', render: shown },
        { title: t('file.will'), dataIndex: 'will', render: (value: unknown) => <b>{shown(value)}</b> },
      ]} />
    </>
  );
}

function Load({ guard }: { guard: Guard }) {
  const { t } = useTranslation('files');
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Chosen>();
  const [parts, setParts] = useState<string[]>([]);
  const [password, setPassword] = useState('');
  const [outcome, setOutcome] = useState<Outcome>();
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const ask = async (look: boolean) => {
    setBusy(true);
    setTrouble('');
    try {
      setOutcome(await api.post<Outcome>('/settings/file/load', { file: chosen!.file, parts, look, ...(password ? { password } : {}) }));
      if (!look) await client.invalidateQueries();
    } catch (e) {
      setTrouble(e instanceof Error ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  const take = async (file: File) => {
    setOutcome(undefined);
    setTrouble('');
    try {
      const content = JSON.parse(await file.text()) as Chosen['file'];
      setChosen({ name: file.name, file: content });
      setParts(guard.sections.filter((name) => name in (content.sections ?? {})));
    } catch {
      setChosen(undefined);
      setTrouble(t('file.notOne'));
    }
  };
  const there = guard.sections.filter((name) => name in (chosen?.file.sections ?? {}));
  return (
    <Card size="small" title={t('file.load')} style={{ marginBottom: 12 }}>
      <Flex wrap gap={8} align="center" style={{ marginBottom: 12 }}>
        <Upload accept=".json,application/json" showUploadList={false} beforeUpload={(file) => { void take(file); return false; }}><Button icon={<UploadOutlined />}>{t('file.choose')}</Button></Upload>
        {chosen && <span className="mono">{chosen.name}</span>}
      </Flex>
      {trouble && <Alert type="error" showIcon title={trouble} style={{ marginBottom: 8 }} />}
      {chosen && (
        <>
          <Parts all={there} value={parts} onChange={(next) => { setParts(next); setOutcome(undefined); }} />
          {chosen.file.sealed && <Form layout="vertical"><Form.Item label={t('file.sealed')} extra={t('file.sealedHint')}><Input.Password aria-label={t('file.sealed')} value={password} onChange={(e) => { setPassword(e.target.value); setOutcome(undefined); }} maxLength={100} autoComplete="off" style={{ maxWidth: 320 }} /></Form.Item></Form>}
          {outcome?.loaded && <Alert type="success" showIcon title={t('file.loaded', { count: outcome.changes.length })} style={{ marginBottom: 8 }} />}
          {outcome && <Differences outcome={outcome} />}
          <Flex wrap gap={8} align="center" style={{ marginTop: 12 }}>
            <Button disabled={parts.length === 0} loading={busy && !outcome} onClick={() => void ask(true)}>{t('file.compare')}</Button>
            <Button type="primary" disabled={!outcome || outcome.loaded || outcome.mistakes.length > 0 || outcome.changes.length === 0} loading={busy && !!outcome} onClick={() => void ask(false)}>{t('file.apply')}</Button>
            {guard.button && <span className="quiet">{t('file.pressButton', { seconds: guard.seconds })}</span>}
          </Flex>
        </>
      )}
    </Card>
  );
}

function GuardForm({ guard }: { guard: Guard }) {
  const { t } = useTranslation('files');
  const client = useQueryClient();
  return (
    <Card size="small" title={t('file.guard')}>
      <SaveForm<Pick<Guard, 'button' | 'seconds'>> key={guard.revision} initialValues={{ button: guard.button, seconds: guard.seconds }}
        save={async (words) => {
          await api.patch('/settings/guard', { ...words, revision: guard.revision });
          await client.invalidateQueries({ queryKey: ['/settings/guard'] });
        }}>
        <Flex wrap gap="0 24px">
          <Form.Item name="button" label={t('file.button')} valuePropName="checked" extra={t('file.buttonHint')}><Switch /></Form.Item>
          <Form.Item name="seconds" label={t('file.seconds')} rules={[{ required: true, message: t('app:required') }]}><InputNumber min={5} max={120} precision={0} /></Form.Item>
        </Flex>
      </SaveForm>
    </Card>
  );
}

export default function SettingsFilePage() {
  const { t } = useTranslation('files');
  const may = useMay();
  const { data: guard, error } = useQuery({ queryKey: ['/settings/guard'], queryFn: () => api.get<Guard>('/settings/guard') });
  return (
    <PageFrame title={t('file.title')}>
      {error && <Alert type="error" showIcon title={error.message} />}
      {!guard ? !error && <Spin /> : !may('Write.HesConfig') ? <Alert type="info" showIcon title={t('file.notPermitted')} /> : <><Save sections={guard.sections} /><Load guard={guard} /><GuardForm guard={guard} /></>}
    </PageFrame>
  );
}
