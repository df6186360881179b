/** A share between 0 and 1 as a percentage of as few digits as it needs. */
export function percent(share: number): string {
  const value = share * 100;
  const decimals = Math.abs(value - Math.round(value)) < 0.05 ? 0 : 1;
  return `${value.toFixed(decimals)} %`;
}
