"""When LocalStack calls what it loads of this project."""

from localstack.runtime import hooks


def test_the_services_are_loaded_before_the_scripts_for_the_start_block() -> None:
    ready = [plugin.name for plugin in hooks.on_infra_ready.manager.load_all_sorted()]
    assert ready.index("load_services") < ready.index("_run_init_scripts_on_ready")


def test_what_is_patched_is_mended_and_what_is_mended_asks_for_permission() -> None:
    started = [plugin.name for plugin in hooks.on_infra_start.manager.load_all_sorted()]
    ours = [name for name in started if name in {"apply_patches", "mend_services", "enforce_permissions"}]
    assert ours == ["apply_patches", "mend_services", "enforce_permissions"]
    assert started.index("apply_runtime_patches") < started.index("_run_init_scripts_on_start") < started.index(ours[0])
