// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.generatrix.io.Json;

/**
 * Configuration records to JSON and back: one entry per component, by its name. Components are int,
 * long, double, boolean, String or an enum (by its name).
 *
 * <p>Reading is strict, since a setting that is silently dropped or invented is worse than an
 * error: every component must be there, nothing else may be, and the record's own checks run as
 * they do for Java callers.
 */
public final class ConfigJson {
  private ConfigJson() {}

  /** The record as a JSON object. */
  public static String write(Record config) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (RecordComponent component : config.getClass().getRecordComponents()) {
      Object value = valueOf(component, config);
      object.put(component.getName(), value instanceof Enum<?> e ? e.name() : value);
    }
    return Json.print(object);
  }

  /**
   * The record a JSON object stands for.
   *
   * @throws IllegalArgumentException when the text is not such an object, or the record refuses its
   *     values
   */
  public static <R extends Record> R read(Class<R> type, String json) {
    Map<String, Object> object = Json.parseObject(json);
    RecordComponent[] components = type.getRecordComponents();
    List<Class<?>> types = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : components) {
      String name = component.getName();
      if (!object.containsKey(name)) {
        throw new IllegalArgumentException(
            "%s needs the entry \"%s\", got %s"
                .formatted(type.getSimpleName(), name, object.keySet()));
      }
      types.add(component.getType());
      values.add(convert(type, component, object.remove(name)));
    }
    if (!object.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no entry \"%s\""
              .formatted(type.getSimpleName(), object.keySet().iterator().next()));
    }
    try {
      return type.getDeclaredConstructor(types.toArray(Class<?>[]::new))
          .newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException refusal) {
        throw refusal;
      }
      throw new IllegalStateException("cannot construct " + type, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot construct " + type, e);
    }
  }

  private static Object valueOf(RecordComponent component, Record config) {
    try {
      return component.getAccessor().invoke(config);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  private static Object convert(Class<?> owner, RecordComponent component, Object json) {
    Class<?> type = component.getType();
    if (type == int.class && json instanceof Long n && n == n.intValue()) {
      return n.intValue();
    } else if (type == long.class && json instanceof Long) {
      return json;
    } else if (type == double.class && json instanceof Number n) {
      return n.doubleValue();
    } else if (type == boolean.class && json instanceof Boolean
        || type == String.class && json instanceof String) {
      return json;
    } else if (type.isEnum() && json instanceof String name) {
      for (Object constant : type.getEnumConstants()) {
        if (((Enum<?>) constant).name().equals(name)) {
          return constant;
        }
      }
    }
    throw new IllegalArgumentException(
        "%s.%s must be %s %s, got %s"
            .formatted(
                owner.getSimpleName(),
                component.getName(),
                type == int.class ? "an" : "a",
                type.getSimpleName().toLowerCase(Locale.ROOT),
                Json.print(json)));
  }
}
