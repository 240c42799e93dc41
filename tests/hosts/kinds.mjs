// The kinds of events in the order of the table, as the binding has them.
export const KINDS = [
  "opening", "receipt", "receipt_cancel", "hold", "release_hold", "relocate", "reserve", "resize", "release", "expire", "reallocate",
  "pick", "unpick", "short_pick", "ship", "void_ship", "hand_over", "sell", "substitute", "transfer_request",
  "transfer_approve", "transfer_pick", "transfer_ship", "transfer_receive", "transfer_reconcile", "transfer_cancel",
  "return_receive", "grade", "adjust", "count", "count_explain", "mark_down", "write_off", "liquidate", "kit_assemble",
  "kit_break", "relabel", "price_change", "cost_change", "supply_change", "item_change", "node_change", "lane_change",
  "protection_change", "approval_request", "approval_grant", "approval_refuse", "approval_withdraw", "lease_grant",
  "lease_spend", "lease_return", "lease_reclaim", "exception_assign", "exception_resolve", "period_close",
  "catalogue_change",
];
