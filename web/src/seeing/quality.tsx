// Quality of a value, in words and as a sign beside it (docs/api.md: a sum of bits).
import { ExclamationCircleOutlined } from '@ant-design/icons';
import { Tooltip } from 'antd';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { valueText } from '../app/format';
import { useStateColors } from '../parts/state';
import type { Digits } from './exact';

export const MISSING = 1;
const bits = [[1, 'missing'], [2, 'partial'], [4, 'clock'], [8, 'overflow'], [16, 'estimated'], [32, 'meter']] as const;

/** "не измерен целиком, часы сомнительны"; null is «не собрано». */
export function qualityText(quality: number | null, t: TFunction<'seeing'>): string {
  if (quality === null) return t('quality.absent');
  return bits.filter(([bit]) => quality & bit).map(([, word]) => t(`quality.${word}`)).join(', ');
}

/** A value with its quality: what is not plainly valid has a sign and says why. */
export function Value({ value, quality }: { value: Digits | null; quality: number | null }) {
  const { t } = useTranslation('seeing');
  const colors = useStateColors();
  const words = qualityText(quality, t);
  if (value === null || value === undefined)
    return <Tooltip title={words}><span style={{ color: colors.never }}>{quality === null ? t('quality.absentShort') : t('quality.missingShort')}</span></Tooltip>;
  if (!words) return <>{valueText(value)}</>;
  return <Tooltip title={words}><span>{valueText(value)} <ExclamationCircleOutlined aria-label={words} style={{ color: colors.partial }} /></span></Tooltip>;
}
