-- Airflow's own database, beside that of the tables.
create database airflow;
