// Which parameters or journals: by their groups, as the manual lists them (S0 4.4.2). What no family tells says so.
import { Checkbox, Tag, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Column, Kind } from './kinds';

/** Columns under their headings. Units are those of the scale. */
export function ParameterChoice({ kind, thousandth, value, onChange }: { kind: Kind; thousandth: boolean; value: string[] | undefined; onChange: (names: string[] | undefined) => void }) {
  const { t } = useTranslation('readings');
  const chosen = new Set(value ?? kind.columns.map((column) => column.name));
  const groups = [...new Set(kind.columns.map((column) => column.group))].map((title) => ({ title, columns: kind.columns.filter((column) => column.group === title) }));
  const put = (names: Set<string>) => onChange(names.size === kind.columns.length ? undefined : kind.columns.filter((column) => names.has(column.name)).map((column) => column.name));
  const set = (columns: Column[], on: boolean) => {
    const next = new Set(chosen);
    for (const column of columns) if (on) next.add(column.name); else next.delete(column.name);
    put(next);
  };
  return (
    <fieldset className="choices">
      <legend>{t('parameters')}</legend>
      <Checkbox checked={chosen.size === kind.columns.length} indeterminate={chosen.size > 0 && chosen.size < kind.columns.length} onChange={(e) => set(kind.columns, e.target.checked)}>{t('all')}</Checkbox>
      <div className="choice-groups">
        {groups.map(({ title, columns }) => {
          const on = columns.filter((column) => chosen.has(column.name)).length, unit = thousandth ? columns[0].unit_thousandth : columns[0].unit;
          return (
            <div key={title} role="group" aria-label={title} className="choice-group">
              <Checkbox checked={on === columns.length} indeterminate={on > 0 && on < columns.length} onChange={(e) => set(columns, e.target.checked)}><b>{title}{unit && `, ${unit}`}</b></Checkbox>
              <div className="choice-list">
                {columns.map((column) => (
                  <Checkbox key={column.name} checked={chosen.has(column.name)} onChange={(e) => set([column], e.target.checked)}>
                    {column.title}{!column.told && <Tooltip title={t('untold')}><Tag style={{ marginInlineStart: 6 }}>{t('untoldShort')}</Tag></Tooltip>}
                  </Checkbox>
                ))}
              </div>
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}

/** The 42 journals of S1 table 6 and the others. */
export function JournalChoice({ kind, value, onChange }: { kind: Kind; value: number[] | undefined; onChange: (numbers: number[] | undefined) => void }) {
  const { t } = useTranslation('readings');
  const chosen = new Set(value ?? kind.journals.map((journal) => journal.number));
  const put = (next: Set<number>) => onChange(next.size === kind.journals.length ? undefined : [...next]);
  const toggle = (number: number, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(number);
    else next.delete(number);
    put(next);
  };
  return (
    <fieldset className="choices">
      <legend>{t('journals')}</legend>
      <Checkbox checked={chosen.size === kind.journals.length} indeterminate={chosen.size > 0 && chosen.size < kind.journals.length} onChange={(e) => onChange(e.target.checked ? undefined : [])}>{t('all')}</Checkbox>
      <div className="journal-list">
        {kind.journals.map((journal) => (
          <Checkbox key={journal.number} checked={chosen.has(journal.number)} onChange={(e) => toggle(journal.number, e.target.checked)}>
            {journal.number > 0 && <span className="quiet">{journal.number}. </span>}{journal.title}
            {!journal.spodes && !journal.mercury && <Tooltip title={t('untold')}><Tag style={{ marginInlineStart: 6 }}>{t('untoldShort')}</Tag></Tooltip>}
          </Checkbox>
        ))}
      </div>
    </fieldset>
  );
}
