mod finding;
mod laws;
mod scenarios;
mod scene;
mod size;
