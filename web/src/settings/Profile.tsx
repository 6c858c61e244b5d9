// The profile (S3 2.2.32): who one is, safety and signing in, sessions, API tokens, notices, settings as at first.
import { useQueryClient } from '@tanstack/react-query';
import { Card, Descriptions, Form, Input, Select, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMe, type Me } from '../api/session';
import { changeLanguage } from '../app/i18n';
import type { Language } from '../app/words';
import { ChoiceForm } from '../notices/ChoiceForm';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { PageTabs } from '../parts/tabs';
import { PasswordCard } from './PasswordCard';
import { ResetSettings } from './ResetSettings';
import { SecondFactor } from './SecondFactor';
import { Sessions } from './Sessions';
import { Tokens } from './Tokens';

type Words = Pick<Me, 'name' | 'email' | 'language'>;

function MyProfile({ me }: { me: Me }) {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const save = async (words: Words) => {
    client.setQueryData(['session'], await api.patch<Me>('/session/profile', words));
    if (words.language) await changeLanguage(words.language as Language);
  };
  return (
    <div style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fit, minmax(min(320px, 100%), 1fr))', alignItems: 'start' }}>
      <Card size="small" title={t('profile.about')}>
        <SaveForm<Words> save={save} initialValues={me} draft="profile">
          <Form.Item name="name" label={t('profile.name')}><Input maxLength={120} autoComplete="name" /></Form.Item>
          <Form.Item name="email" label={t('profile.email')} extra={t('profile.emailHint')} rules={[{ type: 'email', message: t('profile.emailWrong') }]}><Input maxLength={200} inputMode="email" autoComplete="email" /></Form.Item>
          <Form.Item name="language" label={t('app.language')}><Select options={[{ value: '', label: t('profile.byBrowser') }, { value: 'ru', label: 'Русский' }, { value: 'en', label: 'English' }]} /></Form.Item>
        </SaveForm>
      </Card>
      <Card size="small" title={t('profile.account')}>
        <Descriptions column={1} size="small" items={[
          { key: 'login', label: t('profile.login'), children: me.login }, { key: 'role', label: t('profile.role'), children: me.role },
          { key: 'projects', label: t('profile.projects'), children: <span>{me.projects.map((project) => <Tag key={project.id}>{project.title}</Tag>)}</span> },
          { key: 'permissions', label: t('profile.permissions'), children: me.permissions.length },
        ]} />
      </Card>
    </div>
  );
}

export default function Profile() {
  const { t } = useTranslation('settings');
  const { data: me } = useMe();
  if (!me) return null;
  return (
    <PageFrame title={t('profile.title')}>
      <PageTabs items={[
        { key: 'me', label: t('profile.mine'), children: <MyProfile me={me} /> },
        {
          key: 'safety', label: t('profile.safety'),
          children: <div style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fit, minmax(min(320px, 100%), 1fr))', alignItems: 'start' }}><PasswordCard /><SecondFactor me={me} /></div>,
        },
        { key: 'sessions', label: t('sessions.title'), children: <Sessions /> },
        { key: 'tokens', label: t('tokens.title'), children: <Tokens /> },
        { key: 'notices', label: t('profile.notices'), children: <Card size="small"><ChoiceForm /></Card> },
        { key: 'reset', label: t('reset.title'), children: <ResetSettings /> },
      ]} />
    </PageFrame>
  );
}
