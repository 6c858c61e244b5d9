// A GET called with one's own session, its parameters filled in by hand.
import { PlayCircleOutlined } from '@ant-design/icons';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { address } from '../api/client';
import { State } from '../parts/state';
import type { Operation } from './openapi';

const SHOWN = 100_000;

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function TryOut({ operation }: { operation: Operation }) {
  const { t } = useTranslation('about');
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<{ url: string; status: number; ms: number; text: string }>();
  const call = async (words: Record<string, string | undefined>) => {
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(words[name] ?? ''));
    const query = Object.fromEntries(operation.parameters.filter((p) => p.in === 'query').map((p) => [p.name, words[p.name]]));
    const url = address(path.startsWith('/api/') ? path : `${location.origin}${path}`, query);
    setBusy(true);
    const begun = performance.now();
    try {
      const response = await fetch(url, { credentials: 'same-origin' });
      const text = await response.text();
      setAnswer({ url, status: response.status, ms: Math.round(performance.now() - begun), text: pretty(text).slice(0, SHOWN) });
    } catch (e) {
      setAnswer({ url, status: 0, ms: Math.round(performance.now() - begun), text: String(e) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form layout="inline" onFinish={(words) => void call(words)} style={{ rowGap: 8 }}>
      {operation.parameters.map((p) => (
        <Form.Item key={p.name} name={p.name} label={<span className="mono">{p.name}</span>} rules={p.required ? [{ required: true, message: t('app:required') }] : []}><Input size="small" style={{ width: 140 }} /></Form.Item>
      ))}
      <Button htmlType="submit" size="small" icon={<PlayCircleOutlined />} loading={busy}>{t('api.try')}</Button>
      {answer && (
        <div style={{ width: '100%' }} data-testid="tried">
          <State kind={answer.status >= 200 && answer.status < 300 ? 'ok' : 'failed'}>{answer.status}</State> <span className="mono">{answer.url}</span> {t('api.took', { ms: answer.ms })}
          <pre className="mono panel" tabIndex={0} aria-label={t('api.answer')} style={{ maxHeight: 360, overflow: 'auto', margin: '6px 0 0' }}>{answer.text}</pre>
        </div>
      )}
    </Form>
  );
}
