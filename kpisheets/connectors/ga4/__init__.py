"""Google Analytics 4: asked by the KPI's own periods, since the users of days do not add up to a month's."""
