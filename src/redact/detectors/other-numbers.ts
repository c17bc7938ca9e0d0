/** Names of what has numbers as well: a string that has one of them for a key is no number of a person. */
export const OTHER_NUMBERS: readonly string[] = [
  'id ids key ref reference order invoice ticket tracking batch serial part sku product item model',
  'version build commit hash sha digest code status type zip time timestamp ts date at created updated',
  'expires duration offset seq sequence size count total amount price index line row page port pid',
  'event request trace span session job task run node width height length bytes color colour barcode',
  'ean gtin upc isbn phone mobile fax customer member quantity weight lat lng latitude longitude cursor',
  'flight plate distance balance account',
].flatMap((line) => line.split(' '));
