"""The shared store: one PostgreSQL database for every runner of every account.

psycopg comes with an extra, `ccops[postgres]`; it is imported here and nowhere else.
"""
