// Letters with what was stored, by schedule (S0 «Введение»): to whom, when, in which file; and how they go.
import { SendOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Flex, Form, Input, InputNumber, Select, Spin, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { countText, timeText } from '../app/format';
import { Facts } from '../box/data';
import { useAct } from '../parts/acts';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { useSeenForm } from './seenForm';

type Post = Answer<'/api/v1/post'>;
const settings = ['enabled', 'recipients', 'subject', 'format', 'period_min', 'offset_min', 'packet_kib'] as const;
type Words = Pick<Post, (typeof settings)[number]>;

function NumberItem({ name, least, most, extra }: { name: string; least: number; most: number; extra?: string }) {
  const { t } = useTranslation('post');
  return <Form.Item name={name} label={t(`field.${name}`)} extra={extra} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '1 1 150px' }}><InputNumber min={least} max={most} precision={0} style={{ width: '100%' }} /></Form.Item>;
}

function PostForm({ post }: { post: Post }) {
  const { t } = useTranslation('post');
  const may = useMay();
  const pick = (now: Post) => Object.fromEntries(settings.map((name) => [name, now[name]])) as Words;
  const { form, save } = useSeenForm<Post>('/post', post, pick, (field) => t(`field.${field}`));
  return (
    <SaveForm<Words> form={form} save={save} initialValues={pick(post)} disabled={!may('Write.HesConfig')}>
      <Form.Item name="enabled" label={t('field.enabled')} valuePropName="checked"><Switch /></Form.Item>
      <Form.Item name="recipients" label={t('field.recipients')} extra={t('hint.recipients')}>
        <Select mode="tags" maxCount={8} tokenSeparators={[' ', ',', ';']} open={false} suffixIcon={null} placeholder="energy@example.org" />
      </Form.Item>
      <Form.Item name="subject" label={t('field.subject')}><Input maxLength={150} placeholder={t('usual')} /></Form.Item>
      <Form.Item name="format" label={t('field.format')}><Select options={['csv', 'xlsx'].map((value) => ({ value, label: t(`formats.${value}`) }))} /></Form.Item>
      <Flex wrap gap="0 12px">
        <NumberItem name="period_min" least={1} most={1440} />
        <NumberItem name="offset_min" least={0} most={1439} />
      </Flex>
      <p className="quiet" style={{ marginTop: 0 }}>{t('hint.schedule')}</p>
      <NumberItem name="packet_kib" least={4} most={10240} extra={t('hint.packet')} />
    </SaveForm>
  );
}

function stateOf(post: Post) {
  if (!post.enabled)
    return { kind: 'never', word: 'off' } as const;
  if (post.trouble)
    return { kind: 'failed', word: 'failed' } as const;
  if (post.waiting)
    return { kind: 'waiting', word: 'going' } as const;
  return post.sent ? { kind: 'ok', word: 'ok' } as const : { kind: 'waiting', word: 'waiting' } as const;
}

function Progress({ post }: { post: Post }) {
  const { t } = useTranslation('post');
  const { kind, word } = stateOf(post);
  return (
    <div className="panel" data-testid="post-state">
      <Facts rows={[
        [t('state'), <div key="state"><State kind={kind}>{t(`states.${word}`)}{word === 'ok' && `, ${timeText(post.sent)}`}</State>{post.enabled && post.trouble && <div className="quiet">{post.trouble}</div>}</div>],
        [t('made'), post.made ? `${timeText(post.made)}, ${t('lines', { count: post.lines })}` : '—'],
        [t('waiting'), countText(post.waiting)],
        ...(post.given_up ? [[t('given_up'), countText(post.given_up)] as [string, string]] : []),
        [t('next'), post.next ? timeText(post.next) : '—'],
      ]} />
    </div>
  );
}

export default function PostPage() {
  const { t } = useTranslation('post');
  const may = useMay();
  const act = useAct();
  const client = useQueryClient();
  const { data: post, error } = useQuery({ queryKey: ['/post'], queryFn: () => api.get<Post>('/post'), refetchInterval: 3000 });
  const send = () => act(async () => {
    await api.post('/post/send');
    await client.invalidateQueries({ queryKey: ['/post'] });
  }, t('ordered'));
  const actions = may('Write.HesConfig') && post && (
    <Button type="primary" icon={<SendOutlined />} disabled={!post.enabled} loading={post.ordered} onClick={() => void send()}>{t('sendNow')}</Button>
  );
  return (
    <PageFrame title={t('title')} actions={actions}>
      {error && <Alert type="error" showIcon title={error.message} />}
      {post && !post.server && <Alert type="warning" showIcon title={t('hint.server')} action={may('Read.Email.Settings') && <Link to="/admin/mail">{t('serverLink')}</Link>} style={{ marginBottom: 12 }} />}
      {post && post.lost > 0 && <Alert type="error" showIcon title={t('lost', { count: post.lost })} style={{ marginBottom: 12 }} />}
      {!post ? !error && <Spin /> : <><Progress post={post} /><div style={{ maxWidth: 720 }}><PostForm post={post} /></div></>}
    </PageFrame>
  );
}
