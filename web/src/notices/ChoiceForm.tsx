// What one wants to be told, from which size on, and whether by mail, too.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Form, InputNumber, Spin, Switch, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Row } from '../api/client';
import { useMe } from '../api/session';
import { SaveForm } from '../parts/forms';

type Kind = Row<'/api/v1/notices/kinds'>;

interface Words {
  kinds: Pick<Kind, 'name' | 'shown' | 'mailed' | 'threshold'>[];
}

export function ChoiceForm() {
  const { t } = useTranslation('notices');
  const { data: me } = useMe();
  const client = useQueryClient();
  const kinds = useQuery({ queryKey: ['/notices/kinds'], queryFn: () => api.get<{ items: Kind[] }>('/notices/kinds') });
  if (kinds.error) return <Alert type="error" showIcon title={kinds.error.message} />;
  if (!kinds.data) return <Spin />;
  const rows = kinds.data.items;
  const save = async (words: Words) => {
    await api.put('/notices/kinds', { kinds: words.kinds.map((kind, i) => ({ ...kind, name: rows[i].name, threshold: kind.threshold ?? rows[i].threshold })) });
    await client.invalidateQueries({ queryKey: ['/notices/kinds'] });
  };
  return (
    <SaveForm<Words> key={kinds.dataUpdatedAt} save={save} draft="notices" initialValues={{ kinds: rows.map(({ name, shown, mailed, threshold }) => ({ name, shown, mailed, threshold })) }}>
      {!me?.email && <Alert type="info" showIcon style={{ marginBottom: 12 }} title={<>{t('choice.noMail')} <Link className="in-text" to="/settings/profile">{t('choice.profile')}</Link></>} />}
      <div style={{ overflowX: 'auto' }}>
        <table className="grid">
          <thead><tr><th scope="col">{t('choice.what')}</th><th scope="col">{t('choice.shown')}</th><th scope="col">{t('choice.mailed')}</th><th scope="col">{t('choice.from')}</th></tr></thead>
          <tbody>
            {rows.map((kind, i) => (
              <tr key={kind.name}>
                <th scope="row">{kind.title}</th>
                <td><Form.Item name={['kinds', i, 'shown']} valuePropName="checked" noStyle><Switch size="small" aria-label={`${kind.title}: ${t('choice.shown')}`} /></Form.Item></td>
                <td><Form.Item name={['kinds', i, 'mailed']} valuePropName="checked" noStyle><Switch size="small" disabled={!me?.email} aria-label={`${kind.title}: ${t('choice.mailed')}`} /></Form.Item></td>
                <td>{kind.measure
                  ? <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center' }}>
                      <Form.Item name={['kinds', i, 'threshold']} style={{ margin: 0 }}><InputNumber min={kind.least} max={kind.most} precision={0} size="small" style={{ width: 90 }} aria-label={`${kind.title}: ${kind.measure}`} /></Form.Item>
                      <Typography.Text type="secondary">{kind.measure}</Typography.Text>
                    </span>
                  : <Typography.Text type="secondary">{t('choice.always')}</Typography.Text>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </SaveForm>
  );
}
