// All permissions as a table: a row per thing, a column per what may be done with it; those that fit no column stand below.
import { Checkbox, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/session';
import type { Permission } from './data';

const verbs = ['View', 'Read', 'Write', 'Delete'] as const;

interface Props {
  permissions: Permission[];
  value?: string[];
  onChange?: (value: string[]) => void;
  disabled?: boolean;
}

export function PermissionTable({ permissions, value = [], onChange, disabled }: Props) {
  const { t, i18n } = useTranslation('people');
  const { data: me } = useMe();
  const has = new Set(value);
  const parts = permissions.map((p) => ({ ...p, verb: p.name.slice(0, p.name.indexOf('.')), object: p.name.slice(p.name.indexOf('.') + 1) }));
  const objects = [...new Set(parts.filter((p) => (verbs as readonly string[]).includes(p.verb)).map((p) => p.object))]
    .filter((object) => parts.filter((p) => p.object === object && (verbs as readonly string[]).includes(p.verb)).length > 1);
  const others = parts.filter((p) => !objects.includes(p.object) || !(verbs as readonly string[]).includes(p.verb));
  const titleOf = (object: string) => (i18n.exists(`people:object.${object.replaceAll('.', '_')}`) ? t(`object.${object.replaceAll('.', '_')}`) : object);
  const turn = (names: string[], on: boolean) => onChange?.(permissions.map((p) => p.name).filter((name) => (names.includes(name) ? on : has.has(name))));
  const mine = (name: string) => me?.permissions.includes(name) ?? false;
  const box = (p: Permission, label?: boolean) => (
    <Tooltip title={label ? p.name : `${p.title} · ${p.name}`} key={p.name}>
      <Checkbox checked={has.has(p.name)} disabled={disabled || !mine(p.name)} onChange={(e) => turn([p.name], e.target.checked)} aria-label={p.title}>{label && p.title}</Checkbox>
    </Tooltip>
  );
  const head = (names: string[], label: string) => {
    const free = names.filter(mine), on = free.filter((name) => has.has(name)).length;
    return <Checkbox disabled={disabled || free.length === 0} checked={free.length > 0 && on === free.length} indeterminate={on > 0 && on < free.length} onChange={(e) => turn(free, e.target.checked)}>{label}</Checkbox>;
  };
  return (
    <div style={{ overflowX: 'auto' }}>
      <table className="grid" data-testid="permissions">
        <thead>
          <tr><th scope="col">{head(permissions.map((p) => p.name), t('roles.all'))}</th>{verbs.map((verb) => <th key={verb} scope="col">{head(parts.filter((p) => p.verb === verb && objects.includes(p.object)).map((p) => p.name), t(`verb.${verb}`))}</th>)}</tr>
        </thead>
        <tbody>
          {objects.map((object) => (
            <tr key={object}>
              <th scope="row">{head(parts.filter((p) => p.object === object && !others.includes(p)).map((p) => p.name), titleOf(object))}</th>
              {verbs.map((verb) => {
                const one = parts.find((p) => p.verb === verb && p.object === object);
                return <td key={verb}>{one && box(one)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(260px, 1fr))', gap: '4px 12px', marginTop: 12 }}>{others.map((p) => <div key={p.name}>{box(p, true)}</div>)}</div>
    </div>
  );
}
