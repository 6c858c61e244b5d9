// «Пропадание питания»: whom the box tells when outside power goes (УТМЦ), how the last message went, a try.
import { SendOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Card, Form, InputNumber, Select, Spin, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer, type Row } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { useAct } from '../parts/acts';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import './box.css';
import { Facts, useBoxSave } from './data';

type LastWord = Answer<'/api/v1/box/last-word'>;
type Words = Pick<LastWord, 'on' | 'back' | 'mqtt' | 'delay_s' | 'orders' | 'letters'>;

function Settings({ word }: { word: LastWord }) {
  const { t } = useTranslation('lastword');
  const may = useMay();
  const save = useBoxSave();
  const { data: publications } = useQuery({ queryKey: ['/mqtt/publications'], queryFn: () => api.get<{ items: Row<'/api/v1/mqtt/publications'>[] }>('/mqtt/publications') });
  return (
    <Card size="small" title={t('settings')}>
      <SaveForm<Words> key={word.revision} initialValues={word} disabled={!may('Write.HesConfig')} draft="box-last-word"
        save={(words) => save('/box/last-word', { revision: word.revision, on: words.on, back: words.back, mqtt: words.mqtt, delay_s: words.delay_s, orders: words.orders, letters: words.letters })}>
        <Form.Item name="on" label={t('on')} valuePropName="checked" layout="horizontal"><Switch /></Form.Item>
        <Form.Item name="back" label={t('back')} valuePropName="checked" layout="horizontal"><Switch /></Form.Item>
        <Form.Item name="delay_s" label={t('delay')} extra={t('delayHint')}><InputNumber min={0} max={60} style={{ maxWidth: 120 }} /></Form.Item>
        <Form.Item name="mqtt" label={t('mqtt')} valuePropName="checked" layout="horizontal"><Switch /></Form.Item>
        <Form.Item name="orders" label={t('orders')} extra={t('ordersHint')}>
          <Select mode="multiple" maxCount={8} options={(publications?.items ?? []).map((one) => ({ value: one.id, label: one.topic }))} notFoundContent={t('noPublications')} />
        </Form.Item>
        <Form.Item name="letters" label={t('letters')} extra={t('lettersHint')}><Select mode="tags" maxCount={4} tokenSeparators={[' ', ',', ';']} open={false} suffixIcon={null} placeholder="duty@example.org" /></Form.Item>
      </SaveForm>
    </Card>
  );
}

function Last({ word }: { word: LastWord }) {
  const { t } = useTranslation('lastword');
  const may = useMay();
  const act = useAct();
  return (
    <Card size="small" title={t('last')} extra={may('Write.HesConfig') && <Button icon={<SendOutlined />} loading={word.sending} onClick={() => void act(() => api.post('/box/last-word/test'), t('tried'))}>{t('try')}</Button>}>
      {word.away && <Alert type="error" showIcon title={t('away')} style={{ marginBottom: 8 }} />}
      {!word.sent_at ? <span className="quiet">{t('never')}</span> : (
        <>
          <Facts rows={[[t('sentAt'), timeText(word.sent_at)], [t('stored'), t('ms', { ms: word.stored_ms })],
            [t('brokers'), <State key="brokers" kind={word.brokers ? 'ok' : 'never'}>{String(word.brokers)}</State>], [t('ordersTaken'), String(word.orders_taken)], [t('lettersTaken'), String(word.letters_taken)]]} />
          <pre style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', margin: '8px 0 0' }} data-testid="last-word-text">{JSON.stringify(JSON.parse(word.text), null, 1)}</pre>
        </>
      )}
    </Card>
  );
}

export default function LastWordPage() {
  const { t } = useTranslation('lastword');
  const { data: word } = useQuery({ queryKey: ['/box/last-word'], queryFn: () => api.get<LastWord>('/box/last-word'), refetchInterval: 3000 });
  return <PageFrame title={t('title')}>{word ? <div className="box-grid"><Settings word={word} /><Last word={word} /></div> : <Spin />}</PageFrame>;
}
