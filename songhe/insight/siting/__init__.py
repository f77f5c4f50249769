"""Where the next stations, canteens or homes go, asked of Songhe's own registers.

`asked` what a planner wants, `gathering` people and sites by village with their positions, `answering` the plan and its price.
Nothing here is stored: the solver is songhe.insight.planning.siting.
"""
